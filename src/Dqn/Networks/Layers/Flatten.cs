namespace Dqn.Networks;

/// <summary>
/// [channels, height, width] to [channels · height · width] in that order, as <c>torch.flatten</c>: what a
/// <see cref="Linear"/> layer after images needs.
/// </summary>
public sealed record Flatten : Layer;
