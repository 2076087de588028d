namespace Dqn.Environments;

/// <summary>Something that is done for each environment of a vector, independently of the others.</summary>
/// <param name="name">What it is called in messages.</param>
/// <param name="one">Does it for the environment of an index.</param>
internal sealed class EnvironmentWork(string name, Action<int> one)
{
    public string Name { get; } = name;

    public Action<int> One { get; } = one;

    /// <summary>What it took last time for all environments together, in ticks of Stopwatch; at first unknown.</summary>
    public long LastRound { get; set; } = long.MaxValue;
}
