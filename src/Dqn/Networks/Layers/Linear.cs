namespace Dqn.Networks;

/// <summary>
/// A fully connected layer, as <c>torch.nn.Linear</c>: [inputs] to [features]. Its parameters are <c>{Name}.weight</c>
/// [features, inputs] and, unless it has none, <c>{Name}.bias</c> [features].
/// </summary>
public sealed record Linear : Layer
{
    /// <summary>Describes a fully connected layer.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "fc1".</param>
    /// <param name="features">How many outputs, at least 1.</param>
    /// <param name="bias">Whether it adds a bias.</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="features"/> is below 1.</exception>
    public Linear(string name, int features, bool bias = true)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        (Name, Features, Bias) = (name, features, bias);
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }

    /// <summary>How many outputs.</summary>
    public int Features { get; }

    /// <summary>Whether it adds a bias.</summary>
    public bool Bias { get; }
}
