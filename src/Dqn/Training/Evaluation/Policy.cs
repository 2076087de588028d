namespace Dqn.Training;

/// <summary>Chooses an action.</summary>
/// <param name="observation">
/// What the environment shows, as <see cref="Dqn.Environments.IEnvironment.Observe"/> writes it.
/// </param>
/// <param name="legalActions">
/// [actions], which are legal; empty where the spec has no illegal actions.
/// </param>
/// <returns>The action, 0 … the number of actions − 1, a legal one.</returns>
public delegate int Policy(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions);
