namespace Dqn.Training;

/// <summary>Chooses an action.</summary>
/// <param name="observation">
/// What the environment shows, as <see cref="Dqn.Environments.IEnvironment.Observe"/> writes it.
/// </param>
/// <returns>The action, 0 … the number of actions − 1.</returns>
public delegate int Policy(ReadOnlySpan<byte> observation);
