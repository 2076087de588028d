using System.Runtime.InteropServices;

namespace Dqn.Threading;

/// <summary>
/// One worker's place in a <see cref="WorkerPool"/>: what is left of its tasks, and what its thread is doing. Two cache
/// lines, which is what processors fetch together.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
internal struct WorkerSlot
{
    /// <summary>The most tasks that a fork can have.</summary>
    public const int MaxTasks = ushort.MaxValue;

    // 32 bits count forks, 16 bits say where the rest of its tasks begins, 16 bits where it ends. All in one word: a
    // worker that wakes late finds its fork gone and its claim fails, so nobody waits for it; and a claim that succeeds
    // proves that the fork is still running.
    private long _rest;
    private int _state;

    /// <summary>Gives the worker a stretch of a fork's tasks.</summary>
    public void Deal(int fork, long start, long end) =>
        Volatile.Write(ref _rest, ((long)fork << 32) | (start << 16) | end);

    /// <summary>Takes one task: the worker itself the first of what is left, others the last.</summary>
    public bool TryClaim(int fork, bool own, out int task)
    {
        while (true)
        {
            long rest = Volatile.Read(ref _rest);
            int start = (ushort)(rest >> 16), end = (ushort)rest;
            task = own ? start : end - 1;
            if ((int)(rest >> 32) != fork || start == end)
                return false;
            if (Interlocked.CompareExchange(ref _rest, own ? rest + (1 << 16) : rest - 1, rest) == rest)
                return true;
        }
    }

    public readonly WorkerState State => (WorkerState)Volatile.Read(in _state);

    /// <summary>Changes the state if it is what the caller takes it for.</summary>
    public bool TryChange(WorkerState from, WorkerState to) =>
        Interlocked.CompareExchange(ref _state, (int)to, (int)from) == (int)from;
}
