using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Dqn.Threading;

/// <summary>
/// The process's worker threads, one for each processor but the caller's: fork, work, join, without allocation. Workers
/// wait spinning for some microseconds, then asleep, and end after some seconds or with the last owner
/// (<see cref="WorkerTeam"/>). One fork runs at a time.
/// <para>
/// Each worker begins with a stretch of the tasks of its own, always the same for as many tasks, and goes on with what
/// others have left of theirs, from the end. So the data of neighbouring tasks stay in the cache of one core from fork
/// to fork, which is worth most where cores share no cache, and a thread that is slow or asleep holds nobody up. Tasks
/// write to places of their own: results do not depend on who did them.
/// </para>
/// <para>
/// A task may wait for one that is in the stretch of a worker before its own (<see cref="WaitFor"/>). That ends: the
/// caller takes what is left in the stretches' order, so that all before the one it is at have been begun, and whoever
/// waits does so for something of an earlier stretch, the first one's tasks for nothing.
/// </para>
/// </summary>
internal sealed partial class WorkerPool
{
    // One more thread is woken per this much work: waking it takes the caller about as long.
    private const long WorkPerWaking = 125_000;

    // A worker that takes longer than these 200 µs for its last task may have lost its processor: the caller leaves it
    // its own.
    private static readonly long YieldsBeforeSleep = Stopwatch.Frequency / 5000;

    // The first slot is the caller's. It lies behind an empty one, since the array's length is on that one's line.
    private readonly WorkerSlot[] _slots;
    private readonly SemaphoreSlim _joined = new(0);

    private readonly int _spinsBeforeSleep;
    private readonly long _yieldsBeforeSleep;

    // The fork that runs. Written before its number; a worker that reads something newer than its fork finds no task.
    private volatile Action<int, int>? _body;
    private volatile Exception? _failure;
    private int _threads, _count;
    private PaddedInt _fork, _finished, _joining, _running;

    // The caller's.
    private Congestion _congestion;
    private long _waited;

    /// <param name="threads">How many threads compute at most, a caller's included: one per processor.</param>
    /// <param name="idle">After how long without work a thread ends.</param>
    /// <param name="spins">
    /// Whether who waits spins before it sleeps. Where tasks wait themselves, and threads are more than processors, that would take
    /// processors from others.
    /// </param>
    public WorkerPool(int threads, TimeSpan idle, bool spins = true)
    {
        (Threads, _idle) = (threads, idle);
        (_spinsBeforeSleep, _yieldsBeforeSleep) = spins ? (SpinsBeforeSleep, YieldsBeforeSleep) : (0, 0);
        _slots = new WorkerSlot[threads + 1];
        _wakings = [.. Enumerable.Range(0, threads).Select(_ => new SemaphoreSlim(0))];
    }

    /// <summary>The process's: as many threads as it may use processors, of which it asks when it starts.</summary>
    public static WorkerPool OfProcess { get; } = new(Environment.ProcessorCount, TimeSpan.FromSeconds(10));

    /// <summary>How many threads compute at most, a caller's included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Runs body(0, ·) … body(count − 1, ·), each once, and returns when all are done; or does nothing and returns false
    /// where the caller should do them alone: another fork runs, of which it may be a task, or workers get no processor.
    /// Where a task throws, those that have not begun never do, and its exception, or that of one of several, comes out
    /// when all others have ended.
    /// </summary>
    /// <param name="threads">How many threads, the caller's included, 2 … <see cref="Threads"/>.</param>
    /// <param name="count">How many tasks.</param>
    /// <param name="work">
    /// About how many multiply-adds they are together, all tasks about as many; <see cref="long.MaxValue"/>: nobody knows.
    /// </param>
    /// <param name="body">One task, by its number and the worker's, 0 … threads − 1.</param>
    public bool TryRun(int threads, int count, long work, Action<int, int> body)
    {
        if (count > WorkerSlot.MaxTasks || Interlocked.CompareExchange(ref _running.Value, 1, 0) != 0)
            return false;
        Exception? failure;
        try
        {
            long start = Stopwatch.GetTimestamp();
            if (_congestion.Lasts(start))
                return false;
            (_threads, _count, _waited, _failure, _body) = (threads, count, 0, null, body);
            Volatile.Write(ref _finished.Value, 0);
            int fork = _fork.Value + 1;
            for (int worker = 0; worker < threads; worker++)
                Slot(worker).Deal(fork, (long)worker * count / threads, (long)(worker + 1) * count / threads);
            Interlocked.Exchange(ref _fork.Value, fork);
            CallWorkers((int)Math.Min(Math.Min(count, threads) - 1, work / WorkPerWaking));

            int done = Work(fork, 0);
            WaitForWorkers();
            if (_waited > 0 && work < long.MaxValue)
            {
                long end = Stopwatch.GetTimestamp();
                _congestion.Add(end, end - start - _waited, _waited, done, count);
            }

            // Nothing of an owner's stays reachable.
            failure = _failure;
            (_body, _failure) = (null, null);
        }
        finally
        {
            Volatile.Write(ref _running.Value, 0);
        }

        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return true;
    }

    /// <summary>
    /// For a task: waits until one of an earlier stretch has raised a mark to a value; false where it never will, since
    /// a task has failed.
    /// </summary>
    public bool WaitFor(ref int mark, int value, int worker)
    {
        SpinWait wait = default;
        long start = 0;
        while (Volatile.Read(ref mark) < value)
        {
            if (_failure is not null)
                return false;
            if (start == 0 && wait.NextSpinWillYield)
                start = Stopwatch.GetTimestamp();
            wait.SpinOnce(sleep1Threshold: -1);
        }

        if (start > 0 && worker == 0)
            _waited += Stopwatch.GetTimestamp() - start;
        return true;
    }

    /// <summary>The worker's own tasks, then what is left of others'. Returns how many it has done.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // No reference to a body stays on a waiting thread's stack.
    private int Work(int fork, int worker)
    {
        Action<int, int>? body = _body;
        int threads = Volatile.Read(ref _threads), done = 0;
        for (int i = 0; i < threads && worker < threads; i++)
        {
            int other = worker + i < threads ? worker + i : worker + i - threads;
            while (Slot(other).TryClaim(fork, own: i == 0, out int task))
            {
                done++;
                if (_failure is not null)
                    continue;
                try
                {
                    body!(task, worker);
                }
                catch (Exception exception)
                {
                    Interlocked.CompareExchange(ref _failure, exception, null);
                }
            }
        }

        if (done > 0 && Interlocked.Add(ref _finished.Value, done) == Volatile.Read(ref _count)
            && Interlocked.Exchange(ref _joining.Value, 0) == 1)
        {
            _joined.Release();
        }

        return done;
    }

    private void WaitForWorkers()
    {
        SpinWait wait = default;
        while (Volatile.Read(ref _finished.Value) < _count)
        {
            if (wait.NextSpinWillYield || _spinsBeforeSleep == 0)
            {
                WaitLong();
                return;
            }

            wait.SpinOnce();
        }
    }

    private void WaitLong()
    {
        long start = Stopwatch.GetTimestamp();
        bool interrupted = false;
        while (Volatile.Read(ref _finished.Value) < _count)
        {
            if (Stopwatch.GetTimestamp() - start < _yieldsBeforeSleep)
            {
                Thread.Yield();
                continue;
            }

            // Whoever takes the mark back releases the semaphore, be it the last worker of the fork before.
            Interlocked.Exchange(ref _joining.Value, 1);
            if (Volatile.Read(ref _finished.Value) < _count || Interlocked.Exchange(ref _joining.Value, 0) == 0)
                interrupted |= !TryWaitJoined();
        }

        // Not before: workers still read and write what is the caller's.
        if (interrupted)
            Thread.CurrentThread.Interrupt();
        _waited += Stopwatch.GetTimestamp() - start;
    }

    private bool TryWaitJoined()
    {
        try
        {
            _joined.Wait();
            return true;
        }
        catch (ThreadInterruptedException)
        {
            return false;
        }
    }

    private ref WorkerSlot Slot(int worker) => ref _slots[worker + 1];
}
