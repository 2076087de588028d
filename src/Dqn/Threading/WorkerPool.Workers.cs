using System.Diagnostics;

namespace Dqn.Threading;

// The threads: when they begin, sleep and end.
internal sealed partial class WorkerPool
{
    // About 50 µs of spinning: longer than what a step of learning does on one thread between two forks, shorter than a
    // time slice.
    private const int SpinsBeforeSleep = 1000;

    private readonly SemaphoreSlim[] _wakings;
    private readonly TimeSpan _idle;
    private int _owners, _workers;

    /// <summary>How many worker threads there are now.</summary>
    public int Workers => Volatile.Read(ref _workers);

    /// <summary>How many <see cref="WorkerTeam"/> there are that have not been disposed or collected.</summary>
    public int Owners => Volatile.Read(ref _owners);

    /// <summary>One owner more.</summary>
    public void Join() => Interlocked.Increment(ref _owners);

    /// <summary>One owner less; with the last one the threads end.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _owners) > 0)
            return;
        for (int worker = 1; worker < Threads; worker++)
            TryWake(worker);
    }

    /// <summary>Wakes or starts workers until so many are awake, as far as the fork has some.</summary>
    private void CallWorkers(int wanted)
    {
        for (int worker = 1; worker < _threads && wanted > 0; worker++, wanted--)
        {
            if (Slot(worker).State != WorkerState.Awake && !TryWake(worker))
                TryStart(worker);
        }
    }

    private bool TryWake(int worker)
    {
        if (!Slot(worker).TryChange(WorkerState.Asleep, WorkerState.Awake))
            return false;
        _wakings[worker].Release();
        return true;
    }

    private void TryStart(int worker)
    {
        if (!Slot(worker).TryChange(WorkerState.Absent, WorkerState.Awake))
            return;
        Interlocked.Increment(ref _workers);
        try
        {
            // Unsafe: a context of the caller's would stay reachable.
            new Thread(() => Loop(worker)) { IsBackground = true, Name = "Dqn worker" }.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // The system gives no more threads: go on with those there are.
            Interlocked.Decrement(ref _workers);
            Slot(worker).TryChange(WorkerState.Awake, WorkerState.Absent);
            _congestion.Pause(Stopwatch.GetTimestamp());
        }
    }

    private void Loop(int worker)
    {
        int seen = 0, spins = 0;
        while (true)
        {
            int fork = Volatile.Read(ref _fork.Value);
            if (fork != seen)
            {
                // A fork that has no use for this worker does not keep it awake.
                seen = fork;
                if (worker < Volatile.Read(ref _threads))
                    spins = 0;
                Work(fork, worker);
            }
            else if (spins++ < _spinsBeforeSleep)
            {
                Thread.SpinWait(1);
            }
            else if (Sleep(worker, seen))
            {
                spins = 0;
            }
            else
            {
                break;
            }
        }

        Interlocked.Decrement(ref _workers);
    }

    /// <summary>Returns true when there is something to do, false when the thread should end.</summary>
    private bool Sleep(int worker, int seen)
    {
        ref WorkerSlot slot = ref Slot(worker);
        slot.TryChange(WorkerState.Awake, WorkerState.Asleep);
        if (Volatile.Read(ref _fork.Value) == seen && Owners > 0 && _wakings[worker].Wait(_idle))
            return true;
        bool needed = Volatile.Read(ref _fork.Value) != seen;
        if (slot.TryChange(WorkerState.Asleep, needed ? WorkerState.Awake : WorkerState.Absent))
            return needed;

        // Somebody wakes it at this moment.
        _wakings[worker].Wait();
        return true;
    }
}
