namespace Dqn.CarRacing;

/// <summary>What a sliding wheel leaves behind: a line, black on the road and mud-coloured on grass.</summary>
internal sealed class SkidMark
{
    /// <summary>The most points a line gets.</summary>
    public const int MaximumPoints = 30;

    private readonly (float X, float Y)[] _points = new (float X, float Y)[MaximumPoints];
    private int _count;

    /// <summary>Whether the wheel slid on grass.</summary>
    public bool OnGrass { get; private set; }

    /// <summary>The line's points, oldest first, metres.</summary>
    public ReadOnlySpan<(float X, float Y)> Points => _points.AsSpan(0, _count);

    /// <summary>Forgets the old line and begins one.</summary>
    public void Begin(bool onGrass) => (OnGrass, _count) = (onGrass, 0);

    /// <summary>Lengthens the line.</summary>
    public void Add(float x, float y) => _points[_count++] = (x, y);

    /// <summary>Writes the line.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(OnGrass);
        writer.Write(_count);
        foreach (var (x, y) in Points)
        {
            writer.Write(x);
            writer.Write(y);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(BinaryReader reader)
    {
        Begin(reader.ReadBoolean());
        int count = reader.ReadInt32();
        if (count is < 0 or > MaximumPoints)
            throw new InvalidDataException($"Skid mark: expected 0 to {MaximumPoints} points, got {count}.");
        for (int i = 0; i < count; i++)
            Add(reader.ReadSingle(), reader.ReadSingle());
    }
}
