namespace Dqn.Networks;

/// <summary>The action-value network in C#.</summary>
public sealed class QNetwork;
