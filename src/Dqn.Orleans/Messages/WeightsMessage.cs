namespace Dqn.Orleans.Messages;

/// <summary>A version of the network's weights.</summary>
[GenerateSerializer, Immutable, Alias("Dqn.Weights")]
internal sealed class WeightsMessage
{
    /// <summary>Which life of the learner published them.</summary>
    [Id(0)]
    public required Guid Epoch { get; init; }

    /// <summary>Which they are, from 1; later ones have larger numbers.</summary>
    [Id(1)]
    public required long Version { get; init; }

    /// <summary>A safetensors file, the architecture included.</summary>
    [Id(2)]
    public required byte[] File { get; init; }
}
