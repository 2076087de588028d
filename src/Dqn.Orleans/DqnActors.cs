namespace Dqn.Orleans;

/// <summary>
/// What a machine has done for a <see cref="DistributedTraining"/>: a service of its silo, see
/// <see cref="DqnSiloBuilderExtensions"/>. Safe for concurrent use.
/// </summary>
public sealed class DqnActors
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _steps, _finished, _inserted, _uncounted;
    private volatile int _environments;

    internal DqnActors()
    {
    }

    /// <summary>
    /// Ends when the training is over, or when this silo is stopped before; with a <see cref="DqnMismatchException"/> where the
    /// learner refused this machine.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>How many environments it runs now.</summary>
    public int Environments => _environments;

    /// <summary>How many steps its environments have made.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>How many transitions it has finished segments of, for a shard to take.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>How many of them a shard has taken.</summary>
    public long Inserted => Volatile.Read(ref _inserted);

    /// <summary>
    /// How many of those the learner has not counted as steps, since it had died before it heard of them. It may learn from
    /// them all the same.
    /// </summary>
    public long Uncounted => Volatile.Read(ref _uncounted);

    internal void Stepped(int steps) => Interlocked.Add(ref _steps, steps);

    internal void Finish(int transitions) => Interlocked.Add(ref _finished, transitions);

    internal void Insert(int transitions) => Interlocked.Add(ref _inserted, transitions);

    internal void LeaveUncounted(int transitions) => Interlocked.Add(ref _uncounted, transitions);

    internal void Run(int environments) => _environments = environments;

    internal void Complete(Exception? failure = null)
    {
        if (failure is null)
            _completion.TrySetResult();
        else
            _completion.TrySetException(failure);
    }
}
