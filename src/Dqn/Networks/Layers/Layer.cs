using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// One layer of a <see cref="Sequential"/> network, as a description: <see cref="Conv2d"/>, <see cref="Linear"/>,
/// <see cref="NoisyLinear"/>, <see cref="LayerNorm"/>, <see cref="Relu"/>, <see cref="Flatten"/> or
/// <see cref="Dueling"/>. A network makes its own parameters from it.
/// </summary>
[JsonConverter(typeof(LayerJsonConverter))]
public abstract record Layer
{
    private protected Layer()
    {
    }
}
