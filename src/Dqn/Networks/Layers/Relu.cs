namespace Dqn.Networks;

/// <summary>
/// The rectifier max(x, 0), as <c>torch.relu</c>; it follows a layer that
/// has parameters.
/// </summary>
public sealed record Relu : Layer;
