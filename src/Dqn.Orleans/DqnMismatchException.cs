namespace Dqn.Orleans;

/// <summary>
/// The learner refuses a machine: its version of Dqn or its environment is another. The message names what differs.
/// </summary>
/// <param name="message">What was expected, what came, and the cure.</param>
public sealed class DqnMismatchException(string message) : InvalidOperationException(message);
