namespace Dqn.Environments;

/// <summary>
/// Which old pixels along one side a new pixel covers, and how much of each, in whole units: an old pixel is as many units
/// as there are new pixels, so that a new one is as many as there were old ones.
/// </summary>
internal sealed class AreaAxis
{
    private readonly int[] _first;
    private readonly int[][] _weights;

    public AreaAxis(int source, int target)
    {
        (Source, Target) = (source, target);
        (_first, _weights) = (new int[target], new int[target][]);
        for (int i = 0; i < target; i++)
        {
            long start = (long)i * source, end = start + source;
            _first[i] = (int)(start / target);
            int last = (int)((end - 1) / target);
            _weights[i] = new int[last - _first[i] + 1];
            for (int pixel = _first[i]; pixel <= last; pixel++)
            {
                _weights[i][pixel - _first[i]] =
                    (int)(Math.Min(end, (long)(pixel + 1) * target) - Math.Max(start, (long)pixel * target));
            }
        }
    }

    /// <summary>How many pixels there were.</summary>
    public int Source { get; }

    /// <summary>How many there are to be.</summary>
    public int Target { get; }

    /// <summary>The first old pixel that a new one covers.</summary>
    public int First(int target) => _first[target];

    /// <summary>How much of that one and those after it; together <see cref="Source"/>.</summary>
    public ReadOnlySpan<int> Weights(int target) => _weights[target];
}
