using System.Diagnostics;
using Dqn.Threading;

namespace Dqn.Environments;

/// <summary>
/// Does work for each environment of a vector, on several threads where that pays, without allocation. Environments are
/// taken one at a time by whichever thread is free: a step that resets takes much longer than one that does not.
/// </summary>
internal sealed class EnvironmentTeam : IDisposable
{
    // Waking a thread costs about this: rounds that took less in all are left to the caller alone.
    private static readonly long WorthSharing = Stopwatch.Frequency * 25 / 1_000_000;

    // Of an own pool: how long threads stay without work, and how many there are at most.
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);
    private const int MostThreads = 1024;

    private readonly WorkerTeam _team;
    private readonly Action<int, int> _task;
    private readonly Exception?[] _failures;

    // What each environment took in the last shared round, in ticks of Stopwatch.
    private readonly long[] _ticks;
    private Action<int>? _one;

    /// <param name="count">How many environments, at least 1.</param>
    /// <param name="threads">How many threads at most, the caller's included; 0: one per processor.</param>
    /// <param name="pool">Whose threads; null: its own, 0 of which are one for each environment.</param>
    public EnvironmentTeam(int count, int threads, WorkerPool? pool)
    {
        int most = Math.Min(threads == 0 ? count : threads, count);
        _team = new WorkerTeam(most, pool ?? new WorkerPool(Math.Min(most, MostThreads), s_idle, spins: false));
        _task = Timed;
        _failures = new Exception?[count];
        _ticks = new long[count];
    }

    public int Threads => _team.Threads;

    /// <summary>
    /// Does the work for all and returns the first environment, by its number, for which it failed: −1 and null where
    /// it did for none. A failure keeps no other environment from its work.
    /// </summary>
    public (int Index, Exception? Exception) Run(EnvironmentWork work)
    {
        _one = work.One;
        if (_team.Threads == 1 || work.LastRound < WorthSharing)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < _failures.Length; i++)
                Guarded(i);
            work.LastRound = Stopwatch.GetTimestamp() - start;
        }
        else
        {
            _team.Run(_failures.Length, long.MaxValue, _task);
            work.LastRound = 0;
            foreach (long ticks in _ticks)
                work.LastRound += ticks;
        }

        for (int i = 0; i < _failures.Length; i++)
        {
            if (_failures[i] is { } failure)
            {
                _failures.AsSpan().Clear();
                return (i, failure);
            }
        }

        return (-1, null);
    }

    public void Dispose() => _team.Dispose();

    private void Timed(int index, int worker)
    {
        long start = Stopwatch.GetTimestamp();
        Guarded(index);
        _ticks[index] = Stopwatch.GetTimestamp() - start;
    }

    private void Guarded(int index)
    {
        try
        {
            _one!(index);
        }
        catch (Exception exception)
        {
            _failures[index] = exception;
        }
    }
}
