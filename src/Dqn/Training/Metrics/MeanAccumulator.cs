namespace Dqn.Training;

/// <summary>The mean of the numbers since it was made.</summary>
internal struct MeanAccumulator
{
    private double _sum;
    private long _count;

    /// <summary>NaN without numbers.</summary>
    public readonly double Mean => _count == 0 ? double.NaN : _sum / _count;

    public void Add(double value)
    {
        _sum += value;
        _count++;
    }

    public readonly void SaveState(BinaryWriter writer)
    {
        writer.Write(_sum);
        writer.Write(_count);
    }

    public void LoadState(BinaryReader reader)
    {
        (double sum, long count) = (reader.ReadDouble(), reader.ReadInt64());
        if (!double.IsFinite(sum) || count < 0)
            throw new InvalidDataException($"Mean: expected a finite sum of at least 0 numbers, got {sum} of {count}.");
        (_sum, _count) = (sum, count);
    }
}
