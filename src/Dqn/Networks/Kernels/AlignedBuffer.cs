namespace Dqn.Networks;

/// <summary>
/// Zeroed floats that do not move, aligned to a cache line, with a cache line and more behind the end that kernels may
/// read (never write) when a tile reaches past it. Grows, never shrinks.
/// </summary>
internal sealed unsafe class AlignedBuffer
{
    // A tile reads at most 8 rows or 2 vectors past the last element.
    private const int Slack = 64;
    private const int AlignmentBytes = 64;

    private float[] _array = [];

    public AlignedBuffer(long length = 0) => EnsureLength(length);

    public long Length { get; private set; } = -1;

    public float* Pointer { get; private set; }

    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>Makes room for <paramref name="length"/> floats; what was there is lost if it has to grow.</summary>
    public void EnsureLength(long length)
    {
        if (length <= Length)
            return;
        _array = GC.AllocateArray<float>(checked((int)(length + Slack + AlignmentBytes / sizeof(float))), pinned: true);
        fixed (float* start = _array)
            Pointer = (float*)(((nuint)start + AlignmentBytes - 1) & ~(nuint)(AlignmentBytes - 1));
        Length = length;
    }
}
