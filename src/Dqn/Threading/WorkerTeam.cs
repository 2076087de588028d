namespace Dqn.Threading;

/// <summary>
/// One owner's part in the process's worker threads: up to so many share numbered tasks with their caller. Costs no
/// thread of its own. Safe for concurrent use: who comes while others compute, or from inside a task, does its tasks
/// alone. What is said of tasks is <see cref="WorkerPool"/>'s.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    // About 5 µs of one core, a few times what a fork costs.
    private const long WorkWorthSharing = 250_000;

    private readonly WorkerPool _pool;
    private int _left;

    /// <param name="threads">How many threads compute at most, the caller's included; 0: one per processor.</param>
    /// <param name="pool">Whose threads; null: the process's.</param>
    public WorkerTeam(int threads, WorkerPool? pool = null)
    {
        _pool = pool ?? WorkerPool.OfProcess;
        Threads = threads == 0 ? _pool.Threads : Math.Min(threads, _pool.Threads);
        _pool.Join();
    }

    ~WorkerTeam() => Leave();

    /// <summary>How many threads compute at most: never more than there are processors.</summary>
    public int Threads { get; }

    /// <summary>
    /// Runs body(0, ·) … body(count − 1, ·), each once, and returns when all are done. Where a task throws, its exception
    /// comes out, and tasks that have not begun never do.
    /// </summary>
    /// <param name="count">How many tasks.</param>
    /// <param name="work">
    /// About how many multiply-adds they are together, all tasks about as many: a little is done without waking anybody.
    /// <see cref="long.MaxValue"/>: nobody knows, but it is worth sharing.
    /// </param>
    /// <param name="body">
    /// One task, by its number and the worker's, 0 … <see cref="Threads"/> − 1, for buffers that tasks may share in turn.
    /// </param>
    public void Run(int count, long work, Action<int, int> body)
    {
        if (Threads > 1 && count > 1 && work >= WorkWorthSharing && _left == 0
            && _pool.TryRun(Threads, count, work, body))
        {
            return;
        }

        for (int i = 0; i < count; i++)
            body(i, 0);
    }

    /// <summary>
    /// For a task: waits until one of an earlier stretch has raised a mark to a value; false where it never will, since
    /// a task has failed.
    /// </summary>
    public bool WaitFor(ref int mark, int value, int worker) =>
        Volatile.Read(ref mark) >= value || _pool.WaitFor(ref mark, value, worker);

    /// <summary>The owner needs no threads any more; those that nobody needs end.</summary>
    public void Dispose()
    {
        Leave();
        GC.SuppressFinalize(this);
    }

    private void Leave()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
            _pool.Leave();
    }
}
