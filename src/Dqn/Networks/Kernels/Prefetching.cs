using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dqn.Networks;

/// <summary>Hints that memory will be needed; nothing where .NET has no such instruction.</summary>
internal static unsafe class Prefetching
{
    /// <summary>Floats of a cache line.</summary>
    public const int LineFloats = 16;

    /// <summary>Asks for <paramref name="count"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Range(float* start, int count)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < count; i += LineFloats)
            Sse.Prefetch0(start + i);
    }

    /// <summary>Asks for a cache line that will be needed in a while: it goes to the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Later(float* start)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(start);
    }

    /// <summary>
    /// Takes <paramref name="count"/> floats away from other cores' caches, so that writing them later need not wait for
    /// that. .NET has no such hint: each cache line has one float replaced by itself. For memory that nobody else
    /// writes meanwhile.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForWriting(float* start, int count)
    {
        for (int i = 0; i < count; i += LineFloats)
            Volatile.Write(ref start[i], Volatile.Read(ref start[i]));
    }
}
