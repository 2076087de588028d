namespace Dqn.Tests;

/// <summary>What code allocates once it is warm.</summary>
internal static class Allocations
{
    /// <summary>
    /// The bytes that the calling thread allocates in <paramref name="round"/>: the least of three times, since the
    /// runtime itself allocates a little on the thread whose code it happens to recompile.
    /// </summary>
    public static long Of(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
