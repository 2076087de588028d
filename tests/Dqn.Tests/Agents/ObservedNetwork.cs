using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Agents;

/// <summary>
/// Another network, and what its clones (an agent's target network) are asked to evaluate. It is batch invariant or not
/// as told: if not, an agent evaluates whole batches.
/// </summary>
internal sealed class ObservedNetwork(IQNetwork inner, bool isBatchInvariant) : IQNetwork
{
    private ObservedNetwork? _original;

    /// <summary>How many observations each evaluation of the clones had.</summary>
    public List<int> TargetBatches { get; } = [];

    /// <summary>Lets the clones' next evaluation fail.</summary>
    public bool TargetFails { get; set; }

    public int ObservationBytes => inner.ObservationBytes;

    public int ActionCount => inner.ActionCount;

    public bool IsBatchInvariant => isBatchInvariant;

    public double LearningRate
    {
        get => inner.LearningRate;
        set => inner.LearningRate = value;
    }

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        if (_original is { TargetFails: true })
        {
            _original.TargetFails = false;
            throw new IOException("The device is lost.");
        }

        _original?.TargetBatches.Add(observations.Length / ObservationBytes);
        inner.Evaluate(observations, values);
    }

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors) =>
        inner.Fit(observations, actions, targets, weights, tdErrors);

    public IQNetwork Clone() => new ObservedNetwork(inner.Clone(), isBatchInvariant) { _original = this };

    public void CopyParametersFrom(IQNetwork source) => inner.CopyParametersFrom(((ObservedNetwork)source).Inner);

    public StateDict GetStateDict() => inner.GetStateDict();

    public void LoadStateDict(StateDict stateDict) => inner.LoadStateDict(stateDict);

    public void SaveState(BinaryWriter writer) => inner.SaveState(writer);

    public void LoadState(BinaryReader reader) => inner.LoadState(reader);

    public void Dispose() => inner.Dispose();

    private IQNetwork Inner => inner;
}
