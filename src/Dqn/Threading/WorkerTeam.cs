namespace Dqn.Threading;

/// <summary>
/// Threads that share numbered tasks with their caller: fork, work, join, without allocation. Workers wait spinning for
/// some microseconds, then asleep. Safe for concurrent use: who comes second does the tasks alone.
/// <para>
/// Each worker begins with a stretch of the tasks of its own, always the same for as many tasks, and goes on with what
/// others have left of theirs, from the end. So the data of neighbouring tasks stay in the cache of one core from fork
/// to fork, which is worth most where cores share no cache, and a thread that is slow or asleep holds nobody up. Tasks
/// write to places of their own: results do not depend on who did them.
/// </para>
/// <para>
/// A task may wait for one that is in the stretch of a worker before its own. That ends: the caller takes what is left
/// in the stretches' order, so that all before the one it is at have been begun, and whoever waits does so for
/// something of an earlier stretch, the first one's tasks for nothing.
/// </para>
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    // About 50 µs of spinning: longer than what a step of learning does on one thread between two forks, shorter than a
    // time slice.
    private const int SpinsBeforeSleep = 1000;
    private const int MaxTasks = ushort.MaxValue;

    // Two cache lines, which is what processors fetch together; the first is the array's header's.
    private const int LaneStride = 128 / sizeof(long);

    // About 5 µs of one core, a few times what a fork costs.
    private const long WorkWorthSharing = 250_000;

    // One more thread is woken per this much work: waking it takes the caller about as long.
    private const long WorkPerWaking = 125_000;

    private readonly Lock _callers = new();
    private readonly SemaphoreSlim _sleepers = new(0);
    private readonly int _threads;
    private int _references = 1;
    private int _sleeping;
    private volatile bool _started, _stopped;

    // Per worker, on a cache line of its own: 32 bits count forks, 16 bits say where the rest of its tasks begins, 16
    // bits where it ends. All in one word: a worker that wakes late finds its fork gone and its claim fails, so nobody
    // waits for it; and a claim that succeeds proves that the fork is still running, hence that the body read before is
    // its.
    private readonly long[] _lanes;
    private int _fork;
    private Action<int, int>? _body;
    private int _finished;
    private volatile Exception? _failure;

    public WorkerTeam(int threads)
    {
        _threads = threads;
        _lanes = new long[(threads + 1) * LaneStride];
    }

    public int Threads => _threads;

    /// <summary>Runs body(0, ·) … body(count − 1, ·), each once, and returns when all are done.</summary>
    /// <param name="count">How many tasks.</param>
    /// <param name="work">
    /// About how many multiply-adds they are together; a little is done without waking anybody.
    /// </param>
    /// <param name="body">
    /// One task, by its number and the worker's, 0 … Threads − 1, for buffers that tasks may share in turn.
    /// </param>
    public void Run(int count, long work, Action<int, int> body)
    {
        if (_threads == 1 || count is <= 1 or > MaxTasks || work < WorkWorthSharing || !_callers.TryEnter())
        {
            for (int i = 0; i < count; i++)
                body(i, 0);
            return;
        }

        try
        {
            Start();
            _failure = null;
            Volatile.Write(ref _finished, 0);
            Volatile.Write(ref _body, body);
            int fork = _fork + 1;
            for (int lane = 0; lane < _threads; lane++)
            {
                long start = (long)lane * count / _threads, end = (long)(lane + 1) * count / _threads;
                Volatile.Write(ref Lane(lane), ((long)fork << 32) | (start << 16) | end);
            }

            Interlocked.Exchange(ref _fork, fork);
            int sleeping = Volatile.Read(ref _sleeping);
            int wanted = (int)Math.Min(count - 1, work / WorkPerWaking);
            if (sleeping > 0 && wanted > 0)
                _sleepers.Release(Math.Min(sleeping, wanted));

            Work(fork, 0);
            SpinWait wait = default;
            while (Volatile.Read(ref _finished) < count)
                wait.SpinOnce(sleep1Threshold: -1);
            if (_failure is { } failure)
                throw new InvalidOperationException("A task failed.", failure);
        }
        finally
        {
            _callers.Exit();
        }
    }

    /// <summary>One more owner, which will call <see cref="Dispose"/> too.</summary>
    public WorkerTeam Share()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>One owner less; after the last the threads end.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) > 0)
            return;
        _stopped = true;
        _sleepers.Release(_threads);
    }

    private void Start()
    {
        if (_started)
            return;
        _started = true;
        for (int i = 1; i < _threads; i++)
        {
            int worker = i;
            new Thread(() => Loop(worker)) { IsBackground = true, Name = "Dqn worker" }.Start();
        }
    }

    private void Loop(int worker)
    {
        int done = 0;
        while (!_stopped)
        {
            for (int spin = 0; Volatile.Read(ref _fork) == done && spin < SpinsBeforeSleep; spin++)
                Thread.SpinWait(1);
            if (Volatile.Read(ref _fork) == done)
            {
                Interlocked.Increment(ref _sleeping);
                if (Volatile.Read(ref _fork) == done && !_stopped)
                    _sleepers.Wait();
                Interlocked.Decrement(ref _sleeping);
                continue;
            }

            done = Volatile.Read(ref _fork);
            Work(done, worker);
        }
    }

    /// <summary>The worker's own tasks, then what is left of others'.</summary>
    private void Work(int fork, int worker)
    {
        for (int i = 0; i < _threads; i++)
        {
            int lane = worker + i < _threads ? worker + i : worker + i - _threads;
            while (Claim(fork, lane, own: i == 0, out int task, out Action<int, int> body))
            {
                try
                {
                    body(task, worker);
                }
                catch (Exception exception)
                {
                    _failure = exception;
                }

                Interlocked.Increment(ref _finished);
            }
        }
    }

    private bool Claim(int fork, int lane, bool own, out int task, out Action<int, int> body)
    {
        while (true)
        {
            long rest = Volatile.Read(ref Lane(lane));
            int start = (ushort)(rest >> 16), end = (ushort)rest;
            task = own ? start : end - 1;
            body = Volatile.Read(ref _body)!;
            if ((int)(rest >> 32) != fork || start == end)
                return false;
            if (Interlocked.CompareExchange(ref Lane(lane), own ? rest + (1 << 16) : rest - 1, rest) == rest)
                return true;
        }
    }

    private ref long Lane(int lane) => ref _lanes[(lane + 1) * LaneStride];
}
