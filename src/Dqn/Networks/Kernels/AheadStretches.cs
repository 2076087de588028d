namespace Dqn.Networks;

/// <summary>Two stretches of memory that a later task will read, asked for a little with each tile of this one.</summary>
internal unsafe struct AheadStretches
{
    // Half a cache line per step of a tile: asked for twice, and never in a burst.
    private const int Stride = 8;

    private readonly float* _second;
    private float* _next, _end;
    private long _secondLength;

    public AheadStretches(float* first, long length, float* second, long secondLength)
    {
        _next = first;
        _end = first + length;
        _second = second;
        _secondLength = secondLength;
    }

    /// <summary>Lets a tile ask for what comes next.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="steps">How many steps it takes in all.</param>
    public void Give(ref RowTile tile, long steps)
    {
        if (_next >= _end)
        {
            _next = _second;
            _end = _second + _secondLength;
            _secondLength = 0;
        }

        bool any = _next < _end;
        tile.Ahead = any ? _next : null;
        tile.AheadStride = any ? Stride : 0;
        if (any)
            _next += steps * Stride;
    }
}
