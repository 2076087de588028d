namespace Dqn.Threading;

/// <summary>
/// Threads that share numbered tasks with their caller: fork, work, join, without allocation. Which thread does which
/// task is left to chance; tasks write to places of their own, so results do not depend on it. Workers wait spinning
/// for a few microseconds, then asleep. Safe for concurrent use: who comes second does the tasks alone.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    // About 20 µs of spinning: longer than the gap between two layers of a network, shorter than a time slice.
    private const int SpinsBeforeSleep = 400;
    private const int MaxTasks = ushort.MaxValue;

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

    // 32 bits count forks, 16 bits say how many tasks this one has, 16 bits how many are given out. All in one word: a
    // worker that wakes late finds its fork gone and its claim fails, so nobody waits for it; and a claim that succeeds
    // proves that the fork is still running, hence that the body read before is its.
    private long _ticket;
    private Action<int, int>? _body;
    private int _finished;
    private volatile Exception? _failure;

    public WorkerTeam(int threads) => _threads = threads;

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
            int fork = Fork(_ticket) + 1;
            Interlocked.Exchange(ref _ticket, ((long)fork << 32) | ((long)count << 16));
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
            for (int spin = 0; Fork(Volatile.Read(ref _ticket)) == done && spin < SpinsBeforeSleep; spin++)
                Thread.SpinWait(1);
            if (Fork(Volatile.Read(ref _ticket)) == done)
            {
                Interlocked.Increment(ref _sleeping);
                if (Fork(Volatile.Read(ref _ticket)) == done && !_stopped)
                    _sleepers.Wait();
                Interlocked.Decrement(ref _sleeping);
                continue;
            }

            done = Fork(Volatile.Read(ref _ticket));
            Work(done, worker);
        }
    }

    private void Work(int fork, int worker)
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int task = (ushort)ticket;
            if (Fork(ticket) != fork || task >= (ushort)(ticket >> 16))
                return;
            Action<int, int> body = Volatile.Read(ref _body)!;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) != ticket)
                continue;

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

    private static int Fork(long ticket) => (int)(ticket >> 32);
}
