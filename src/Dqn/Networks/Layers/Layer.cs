namespace Dqn.Networks;

/// <summary>
/// One layer of a <see cref="Sequential"/> network, as a description: <see cref="Conv2d"/>, <see cref="Linear"/>,
/// <see cref="Relu"/> or <see cref="Flatten"/>. A network makes its own parameters from it.
/// </summary>
public abstract record Layer
{
    private protected Layer()
    {
    }
}
