using System.Diagnostics;
using System.Globalization;

namespace Dqn.Faults;

/// <summary>What this process holds at a moment.</summary>
/// <param name="WorkingSet">Bytes in memory.</param>
/// <param name="Heap">Bytes of live objects, after a full collection.</param>
/// <param name="Handles">Open files, sockets and the like.</param>
/// <param name="Threads">Of the system.</param>
internal readonly record struct Resources(long WorkingSet, long Heap, int Handles, int Threads)
{
    private const double MiB = 1 << 20;

    /// <summary>As it is now.</summary>
    public static Resources Now()
    {
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        int handles = OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : process.HandleCount;
        return new Resources(process.WorkingSet64, heap, handles, process.Threads.Count);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"working set {WorkingSet / MiB:f1} MiB, heap {Heap / MiB:f2} MiB, {Handles} handles, {Threads} threads");
}
