namespace Dqn.Watching;

/// <summary>
/// A curve's points in the order of their steps. However many come, at most 4,096 are kept: then neighbours become their
/// mean, and what comes later is averaged over as many. Not safe for concurrent use.
/// </summary>
internal sealed class Series
{
    public const int Capacity = 4096;

    private readonly List<(long Step, double Value)> _points = [];
    private int _stride = 1;
    private int _pending;
    private double _sum;

    /// <summary>The points kept.</summary>
    public IReadOnlyList<(long Step, double Value)> Points => _points;

    /// <summary>Takes a point; one that is not a number is left out.</summary>
    public void Add(long step, double value)
    {
        if (!double.IsFinite(value))
            return;
        _sum += value;
        if (++_pending < _stride)
            return;
        _points.Add((step, _sum / _pending));
        (_sum, _pending) = (0, 0);
        if (_points.Count == Capacity)
            Halve();
    }

    /// <summary>Where the points after a step begin.</summary>
    public int IndexAfter(long step)
    {
        int low = 0, high = _points.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _points[middle].Step <= step ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Halve()
    {
        for (int i = 0; i < Capacity / 2; i++)
            _points[i] = (_points[2 * i + 1].Step, (_points[2 * i].Value + _points[2 * i + 1].Value) / 2);
        _points.RemoveRange(Capacity / 2, Capacity / 2);
        _stride *= 2;
    }
}
