namespace Dqn.Networks;

/// <summary>
/// The rectifier max(x, 0), as <c>torch.relu</c>; it follows a <see cref="Conv2d"/> or <see cref="Linear"/> layer.
/// </summary>
public sealed record Relu : Layer;
