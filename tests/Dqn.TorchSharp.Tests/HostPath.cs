using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.TorchEngine;

/// <summary>A network whose engine makes no updates: an agent learns with it as with any other, in host memory.</summary>
internal sealed class HostPath(IQNetwork inner) : IRiskAware
{
    public int ObservationBytes => inner.ObservationBytes;

    public int ActionCount => inner.ActionCount;

    public ValueDistribution Distribution => inner.Distribution;

    public double LearningRate
    {
        get => inner.LearningRate;
        set => inner.LearningRate = value;
    }

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values) => inner.Evaluate(observations, values);

    public void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions) =>
        inner.EvaluateDistributions(observations, distributions);

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors) =>
        inner.Fit(observations, actions, targets, weights, tdErrors);

    public IQNetwork Clone() => new HostPath(inner.Clone());

    public IQNetwork CloneAtRisk(double riskLevel) => new HostPath(((IRiskAware)inner).CloneAtRisk(riskLevel));

    public void CopyParametersFrom(IQNetwork source) => inner.CopyParametersFrom(Unwrap(source));

    public void MoveParametersTowards(IQNetwork source, float fraction) =>
        inner.MoveParametersTowards(Unwrap(source), fraction);

    public StateDict GetStateDict() => inner.GetStateDict();

    public void LoadStateDict(StateDict stateDict) => inner.LoadStateDict(stateDict);

    public void SaveState(BinaryWriter writer) => inner.SaveState(writer);

    public void LoadState(BinaryReader reader) => inner.LoadState(reader);

    public void Dispose() => inner.Dispose();

    private static IQNetwork Unwrap(IQNetwork network) => network is HostPath host ? host.Unwrapped : network;

    private IQNetwork Unwrapped => inner;
}
