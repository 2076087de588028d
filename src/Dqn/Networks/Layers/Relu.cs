namespace Dqn.Networks;

/// <summary>The rectifier max(x, 0), as <c>torch.relu</c>. Right after a layer that multiplies it costs next to nothing.</summary>
public sealed record Relu : Layer;
