using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>A network that <see cref="NetworkFile"/> read, and how it was known what the file holds.</summary>
public sealed class LoadedNetwork : IDisposable
{
    internal LoadedNetwork(
        QNetwork network, ArchitectureSource source, string prefix, ImmutableArray<string> assumptions,
        IReadOnlyDictionary<string, string> metadata)
    {
        (Network, Source, Prefix, Assumptions) = (network, source, prefix, assumptions);
        Metadata = metadata;
    }

    /// <summary>The network.</summary>
    public QNetwork Network { get; }

    /// <summary>From where its architecture was known.</summary>
    public ArchitectureSource Source { get; }

    /// <summary>
    /// What its tensors' names begin with in the file, and not here; empty unless the file holds more than this network.
    /// </summary>
    public string Prefix { get; }

    /// <summary>
    /// What the file does not say and was taken for granted, one sentence each: strides, rectifiers, which of several
    /// networks. To be shown to whoever chose the file; empty if there is nothing.
    /// </summary>
    public ImmutableArray<string> Assumptions { get; }

    /// <summary>What a .safetensors file says; empty for a PyTorch file.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Disposes of the network.</summary>
    public void Dispose() => Network.Dispose();
}
