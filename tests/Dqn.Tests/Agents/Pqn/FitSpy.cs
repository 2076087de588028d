using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Agents.Pqn;

/// <summary>A network whose fits are told.</summary>
internal sealed class FitSpy(IQNetwork inner, Action fitted) : IQNetwork
{
    public int ObservationBytes => inner.ObservationBytes;

    public int ActionCount => inner.ActionCount;

    public double LearningRate
    {
        get => inner.LearningRate;
        set => inner.LearningRate = value;
    }

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values) => inner.Evaluate(observations, values);

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        FitResult result = inner.Fit(observations, actions, targets, weights, tdErrors);
        fitted();
        return result;
    }

    public IQNetwork Clone() => inner.Clone();

    public void CopyParametersFrom(IQNetwork source) => inner.CopyParametersFrom(source);

    public StateDict GetStateDict() => inner.GetStateDict();

    public void LoadStateDict(StateDict stateDict) => inner.LoadStateDict(stateDict);

    public void SaveState(BinaryWriter writer) => inner.SaveState(writer);

    public void LoadState(BinaryReader reader) => inner.LoadState(reader);

    public void Dispose() => inner.Dispose();
}
