namespace Dqn.Environments;

/// <summary>Shows the last frames as one observation.</summary>
public sealed class FrameStack;
