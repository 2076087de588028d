namespace Dqn.Orleans;

/// <summary>What a machine does for a <see cref="DistributedTraining"/>.</summary>
public sealed record DqnActorOptions
{
    /// <summary>
    /// How many environments the machine wants to run, 1 … 1,024. Where all machines together want more or fewer than
    /// <see cref="Agents.DqnOptions.Environments"/>, each gets its part. Default 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Environments
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw new ArgumentOutOfRangeException(
            nameof(Environments), value, $"{nameof(DqnActorOptions)}.{nameof(Environments)}: expected 1 … 1024.");
    } = 1;

    /// <summary>
    /// How many threads step environments, 0 … 1,024: one for each environment where a simulator waits for something, though
    /// there may be fewer processors. 0, the default, where it computes: as many as processors, which the learner computes on too
    /// if it is here; others are the actors' own.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Threads
    {
        get;
        init => field = value is >= 0 and <= 1024 ? value : throw new ArgumentOutOfRangeException(
            nameof(Threads), value, $"{nameof(DqnActorOptions)}.{nameof(Threads)}: expected 0 … 1024.");
    }

    /// <summary>
    /// Whether a part of the replay lies in this machine's memory, at least what its own environments live through. Without, it
    /// is sent to machines that have one. Default true.
    /// </summary>
    public bool KeepsReplay { get; init; } = true;

    /// <summary>
    /// Whether the silo's application stops when the training is over, so that its program ends. Default true.
    /// </summary>
    public bool StopsApplication { get; init; } = true;
}
