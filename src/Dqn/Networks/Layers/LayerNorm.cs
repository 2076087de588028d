namespace Dqn.Networks;

/// <summary>
/// Layer normalisation, as <c>torch.nn.LayerNorm</c> over all numbers of an item ([channels, height, width] after a
/// convolution, [features] after a <see cref="Linear"/>): (x − mean) / √(variance + 10⁻⁵) · weight + bias. It mostly
/// stands between a layer and its rectifier. Its parameters are <c>{Name}.weight</c> and <c>{Name}.bias</c>, of the item's
/// shape. Source: J. Ba, J. Kiros, G. Hinton, "Layer normalization" (2016).
/// </summary>
public sealed record LayerNorm : Layer
{
    /// <summary>Describes a normalisation.</summary>
    /// <param name="name">What its parameters' names start with, not empty: "norm1".</param>
    /// <exception cref="ArgumentException">An empty name.</exception>
    public LayerNorm(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>What the parameters' names start with.</summary>
    public string Name { get; }
}
