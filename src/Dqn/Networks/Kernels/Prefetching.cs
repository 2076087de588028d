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

    /// <summary>The same for <paramref name="count"/> floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Later(float* start, int count)
    {
        for (int i = 0; i < count; i += LineFloats)
            Later(start + i);
    }
}
