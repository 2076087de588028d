namespace Dqn.Training;

/// <summary>The last numbers of a series, for display: how the last episodes went.</summary>
public sealed class MovingStatistics
{
    private readonly double[] _values;
    private int _next;

    /// <summary>Keeps the last <paramref name="window"/> numbers, at least 1.</summary>
    public MovingStatistics(int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        _values = new double[window];
    }

    /// <summary>How many numbers have come, those no longer kept included.</summary>
    public long Count { get; private set; }

    /// <summary>The number that came last; NaN before the first.</summary>
    public double Last => Count == 0 ? double.NaN : _values[(_next + _values.Length - 1) % _values.Length];

    /// <summary>The mean of the numbers kept; NaN before the first.</summary>
    public double Mean
    {
        get
        {
            int kept = (int)Math.Min(Count, _values.Length);
            double sum = 0;
            foreach (double value in _values.AsSpan(0, kept))
                sum += value;
            return kept == 0 ? double.NaN : sum / kept;
        }
    }

    /// <summary>Takes a number.</summary>
    public void Add(double value)
    {
        _values[_next] = value;
        _next = (_next + 1) % _values.Length;
        Count++;
    }

    /// <summary>Writes everything.</summary>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(_values.Length);
        writer.Write(Count);
        foreach (double value in _values)
            writer.Write(value);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote with the same window.</summary>
    /// <exception cref="InvalidDataException">The state is of another window.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        int window = reader.ReadInt32();
        long count = reader.ReadInt64();
        if (window != _values.Length || count < 0)
        {
            throw new InvalidDataException(
                $"Moving statistics: expected a window of {_values.Length}, got one of {window} with {count} numbers.");
        }

        foreach (ref double value in _values.AsSpan())
            value = reader.ReadDouble();
        (Count, _next) = (count, (int)(count % window));
    }
}
