namespace Dqn.Orleans.Replay;

/// <summary>How large the errors of a shard's transitions were when they were learnt from.</summary>
[GenerateSerializer, Immutable, Alias("Dqn.PriorityUpdate")]
internal sealed class PriorityUpdate
{
    /// <summary>[count], as in <see cref="SampledTransitions.Ids"/>; of one that occurs twice the last counts.</summary>
    [Id(0)]
    public required long[] Ids { get; init; }

    /// <summary>δ, [count], finite; the sign does not matter.</summary>
    [Id(1)]
    public required float[] TdErrors { get; init; }
}
