namespace Dqn.CarRacing;

/// <summary>A colour as the reference keeps it: 0 … 255 per channel, fractions cut off only when it is drawn.</summary>
internal readonly record struct SceneColor(double Red, double Green, double Blue)
{
    public static readonly SceneColor DefaultRoad = new(102, 102, 102);
    public static readonly SceneColor DefaultBackground = new(102, 204, 102);
    public static readonly SceneColor DefaultGrass = new(102, 230, 102);

    /// <summary>How much brighter than the road's own colour a tile is, for its number modulo 3.</summary>
    public static double Shade(int remainder) => 0.01 * remainder * 255;

    /// <summary>The colour with <paramref name="amount"/> added to every channel, as a pixel: 0x00RRGGBB.</summary>
    public uint ToPixel(double amount = 0) =>
        (uint)(byte)(Red + amount) << 16 | (uint)(byte)(Green + amount) << 8 | (byte)(Blue + amount);

    /// <summary>Writes the three numbers.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Red);
        writer.Write(Green);
        writer.Write(Blue);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A channel is out of range.</exception>
    public static SceneColor Load(BinaryReader reader)
    {
        return new SceneColor(Channel(), Channel(), Channel());

        double Channel() => reader.ReadDouble() is var value && value is >= 0 and < 251
            ? value
            : throw new InvalidDataException($"Colour: expected a number from 0 to 250, got {value}.");
    }
}
