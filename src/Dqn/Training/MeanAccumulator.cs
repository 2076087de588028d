namespace Dqn.Training;

/// <summary>The mean of the numbers since the last <see cref="Take"/>.</summary>
internal struct MeanAccumulator
{
    private double _sum;
    private long _count;

    public void Add(double value)
    {
        _sum += value;
        _count++;
    }

    /// <summary>The mean, NaN without numbers; starts again.</summary>
    public double Take()
    {
        double mean = _count == 0 ? double.NaN : _sum / _count;
        this = default;
        return mean;
    }

    public readonly void SaveState(BinaryWriter writer)
    {
        writer.Write(_sum);
        writer.Write(_count);
    }

    public void LoadState(BinaryReader reader) => (_sum, _count) = (reader.ReadDouble(), reader.ReadInt64());
}
