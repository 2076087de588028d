namespace Dqn.Orleans.Replay;

/// <summary>Which transitions a shard is to give.</summary>
[GenerateSerializer, Immutable, Alias("Dqn.SampleRequest")]
internal sealed class SampleRequest
{
    /// <summary>
    /// Where to draw, as fractions 0 … 1 of the shard's likelihood sum when the request arrives: so a sum that has changed
    /// since the learner heard of it does not skew which of the shard's transitions are drawn.
    /// </summary>
    [Id(0)]
    public required double[] Draws { get; init; }

    /// <summary>n, over how many steps rewards are summed, at most <see cref="SegmentFormat.Steps"/>.</summary>
    [Id(1)]
    public required int Steps { get; init; }

    /// <summary>γ.</summary>
    [Id(2)]
    public required double Discount { get; init; }
}
