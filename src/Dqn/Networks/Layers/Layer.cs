using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// One layer of a <see cref="Sequential"/> network, as a description, from which a network makes its own parameters:
/// <see cref="Conv2d"/>, <see cref="Linear"/>, <see cref="NoisyLinear"/>, <see cref="LayerNorm"/>, <see cref="Relu"/>,
/// <see cref="MaxPool2d"/>, <see cref="AvgPool2d"/>, <see cref="AdaptiveMaxPool2d"/>, <see cref="AdaptiveAvgPool2d"/>,
/// <see cref="Flatten"/>, <see cref="Residual"/>, <see cref="QuantileEmbedding"/>, <see cref="Dueling"/>, or a
/// <see cref="CustomLayer"/> of your own.
/// </summary>
[JsonConverter(typeof(LayerJsonConverter))]
public abstract record Layer
{
    private protected Layer()
    {
    }
}
