namespace Dqn.Benchmarks.Learning;

/// <summary>One training of the table.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Seed">Of the network, exploration and the environments.</param>
/// <param name="Steps">How many agent steps it learns.</param>
internal readonly record struct CellKey(string Task, string Agent, ulong Seed, long Steps);
