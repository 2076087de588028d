namespace Dqn.Networks;

/// <summary>Which network <see cref="NetworkFile"/> reads from a file, and how it computes.</summary>
public sealed record NetworkFileOptions
{
    /// <summary>
    /// What the names of the wanted network's tensors begin with, without the last dot: <c>q_net</c>,
    /// <c>model_state_dict</c>, <c>model_state_dict.q_net</c>. Null, the default: the only network in the file, or the
    /// one whose name says that it is the online network.
    /// </summary>
    public string? Prefix { get; init; }

    /// <summary>How the network learns and computes. Default: as <see cref="QNetworkOptions"/> has it.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public QNetworkOptions Network
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Network));
    } = new();
}
