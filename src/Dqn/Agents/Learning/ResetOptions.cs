namespace Dqn.Agents;

/// <summary>
/// Now and then a network forgets a part of what it learnt, and learns it again from all that it remembers, so that many
/// updates per step do not tie it to what came first: each parameter θ becomes k · θ + (1 − k) · θ′, θ′ drawn as in a new
/// network. The optimizer's memory and the average begin anew, and the target network becomes the online one. Source: E.
/// Nikishin et al., "The primacy bias in deep reinforcement learning" (2022); the shrinking J. Ash, R. Adams, "On
/// warm-starting neural network training" (2020); both together P. D'Oro et al., "Sample-efficient reinforcement learning by
/// breaking the replay ratio barrier" (2023) and M. Schwarzer et al., "Bigger, better, faster" (2023), whose numbers the
/// defaults are. Immutable.
/// </summary>
/// <example><code>
/// var options = new DqnOptions { UpdatesPerPeriod = 8, Resets = new ResetOptions { Until = 1_000_000 } };
/// </code></example>
public sealed record ResetOptions
{
    /// <summary>After how many updates each time, at least 1. Default 40,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long Period
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(Period), value, "at least 1");
    } = 40_000;

    /// <summary>
    /// k of the layers that see images, 0 … 1: those before the features. Default 0.5. A network of features alone has none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Keep
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Keep), value, "0 … 1");
    } = 0.5;

    /// <summary>k of all other layers, 0 … 1. Default 0: they begin anew.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double KeepHead
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(KeepHead), value, "0 … 1");
    }

    /// <summary>
    /// After how many updates there are no more, at least <see cref="Period"/>: what follows is training enough to be
    /// evaluated. Default: they go on for ever.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long Until
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(Until), value, "at least 1");
    } = long.MaxValue;

    /// <summary>Whether there is one after so many updates.</summary>
    internal bool IsDue(long updates) => updates > 0 && updates <= Until && updates % Period == 0;

    /// <summary>How many updates there were since the last one.</summary>
    internal long Since(long updates) => updates - Math.Min(updates, Until) / Period * Period;

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, string expected) =>
        new(property, value, $"{nameof(ResetOptions)}.{property}: expected {expected}.");
}
