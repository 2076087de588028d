using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// One layer of a <see cref="Sequential"/> network, as a description: <see cref="Conv2d"/>, <see cref="Linear"/>,
/// <see cref="NoisyLinear"/>, <see cref="LayerNorm"/>, <see cref="Relu"/>, <see cref="Flatten"/> or
/// <see cref="Dueling"/>. A network makes its own parameters from it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "layer")]
[JsonDerivedType(typeof(Conv2d), nameof(Conv2d))]
[JsonDerivedType(typeof(Linear), nameof(Linear))]
[JsonDerivedType(typeof(NoisyLinear), nameof(NoisyLinear))]
[JsonDerivedType(typeof(LayerNorm), nameof(LayerNorm))]
[JsonDerivedType(typeof(Relu), nameof(Relu))]
[JsonDerivedType(typeof(Flatten), nameof(Flatten))]
[JsonDerivedType(typeof(Dueling), nameof(Dueling))]
public abstract record Layer
{
    private protected Layer()
    {
    }
}
