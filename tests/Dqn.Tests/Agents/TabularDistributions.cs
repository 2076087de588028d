using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>
/// Distributions in a table: the observation's last byte is the state. It does not learn, it remembers what it was
/// given, and counts draws of noise.
/// </summary>
internal sealed class TabularDistributions(int states, int actions, ValueDistribution distribution) : IRiskAware
{
    /// <summary>[states, actions, atoms].</summary>
    public float[] Table { get; } = new float[states * actions * distribution.Atoms];

    public float[] LastTargets { get; private set; } = [];

    /// <summary>The target networks and averages made of it.</summary>
    public List<TabularDistributions> Clones { get; } = [];

    public int NoiseDraws { get; private set; }

    public bool IsNoisy { get; private set; }

    public ValueDistribution Distribution => distribution;

    public int ObservationBytes => 1;

    public int ActionCount => actions;

    public bool IsBatchInvariant => true;

    public double LearningRate { get; set; } = 1;

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int at = (observations[i / actions] * actions + i % actions) * distribution.Atoms;
            values[i] = distribution.Expectation(Table.AsSpan(at, distribution.Atoms));
        }
    }

    public void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions)
    {
        int length = actions * distribution.Atoms;
        for (int i = 0; i < observations.Length; i++)
            Table.AsSpan(observations[i] * length, length).CopyTo(distributions[(i * length)..]);
    }

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> taken, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        LastTargets = targets.ToArray();
        return default;
    }

    public void ResampleNoise() => (NoiseDraws, IsNoisy) = (NoiseDraws + 1, true);

    public void ClearNoise() => IsNoisy = false;

    public IQNetwork Clone() => Clone(distribution);

    public IQNetwork CloneAtRisk(double riskLevel) =>
        Clone((QuantileDistribution)distribution with { RiskLevel = riskLevel });

    private TabularDistributions Clone(ValueDistribution other)
    {
        var clone = new TabularDistributions(states, actions, other);
        clone.CopyParametersFrom(this);
        Clones.Add(clone);
        return clone;
    }

    public void CopyParametersFrom(IQNetwork source) => ((TabularDistributions)source).Table.CopyTo(Table, 0);

    public void MoveParametersTowards(IQNetwork source, float fraction)
    {
        for (int i = 0; i < Table.Length; i++)
            Table[i] += fraction * (((TabularDistributions)source).Table[i] - Table[i]);
    }

    public StateDict GetStateDict() => throw new NotSupportedException();

    public void LoadStateDict(StateDict stateDict) => throw new NotSupportedException();

    public void SaveState(BinaryWriter writer) => throw new NotSupportedException();

    public void LoadState(BinaryReader reader) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
