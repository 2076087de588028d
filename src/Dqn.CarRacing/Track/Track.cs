using Dqn.Randomness;

namespace Dqn.CarRacing;

/// <summary>A closed road of tiles.</summary>
public sealed class Track
{
    /// <summary>Half the road's width, metres.</summary>
    internal const double HalfWidth = 40 / 6.0;

    private const double BorderWidth = 8 / 6.0;

    // A kerb shows where this many consecutive turns go the same way, each by more than the threshold (radians).
    private const int BorderRun = 4;
    private const double BorderTurn = TrackGenerator.MaximumTurn * 0.2;

    private readonly TrackTile[] _tiles;

    internal Track(TrackTile[] tiles) => _tiles = tiles;

    /// <summary>The tiles in driving order; the car starts on the first.</summary>
    public ReadOnlySpan<TrackTile> Tiles => _tiles;

    /// <summary>
    /// Draws a random track: for the same state of the generator, the one that Gymnasium 1.4.0's CarRacing draws, every
    /// double equal, and the generator is left where Gymnasium leaves it.
    /// </summary>
    /// <param name="random">Where the track's numbers come from.</param>
    public static Track Generate(Pcg64 random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var buffer = new TrackPoint[TrackGenerator.MaximumPoints];
        while (true)
            if (TrackGenerator.TryGenerate(random, buffer, out var loop))
                return FromPoints(loop);
    }

    /// <summary>The track along a closed line of points.</summary>
    internal static Track FromPoints(ReadOnlySpan<TrackPoint> points)
    {
        int count = points.Length;
        if (count <= BorderRun)
            throw new ArgumentException($"Expected more than {BorderRun} track points, got {count}.", nameof(points));

        bool[] borders = Borders(points);
        var tiles = new TrackTile[count];

        // Every point is the end of one tile and the start of the next: its sine and cosine are taken once.
        var previous = points[^1];
        double previousCosine = DoubleSine.Cosine(previous.Beta), previousSine = DoubleSine.Sine(previous.Beta);
        for (int i = 0; i < count; i++)
        {
            var point = points[i];
            double cosine = DoubleSine.Cosine(point.Beta), sine = DoubleSine.Sine(point.Beta);
            var road = new Quad(
                point.X - HalfWidth * cosine, point.Y - HalfWidth * sine,
                point.X + HalfWidth * cosine, point.Y + HalfWidth * sine,
                previous.X + HalfWidth * previousCosine, previous.Y + HalfWidth * previousSine,
                previous.X - HalfWidth * previousCosine, previous.Y - HalfWidth * previousSine);

            var border = TrackBorder.None;
            Quad borderQuad = default;
            if (borders[i])
            {
                border = i % 2 == 0 ? TrackBorder.White : TrackBorder.Red;
                double side = Math.Sign(previous.Beta - point.Beta);
                double inner = side * HalfWidth, outer = side * (HalfWidth + BorderWidth);
                borderQuad = new Quad(
                    point.X + inner * cosine, point.Y + inner * sine,
                    point.X + outer * cosine, point.Y + outer * sine,
                    previous.X + outer * previousCosine, previous.Y + outer * previousSine,
                    previous.X + inner * previousCosine, previous.Y + inner * previousSine);
            }

            tiles[i] = new TrackTile(point.Alpha, point.Beta, point.X, point.Y, road, border, borderQuad);
            (previous, previousCosine, previousSine) = (point, cosine, sine);
        }

        return new Track(tiles);
    }

    /// <summary>Writes the points that the track follows from.</summary>
    internal void Save(BinaryWriter writer)
    {
        writer.Write(_tiles.Length);
        foreach (ref readonly var tile in Tiles)
        {
            writer.Write(tile.Alpha);
            writer.Write(tile.Beta);
            writer.Write(tile.X);
            writer.Write(tile.Y);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The data is not a track.</exception>
    internal static Track Load(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count <= BorderRun || count > TrackGenerator.MaximumPoints)
        {
            throw new InvalidDataException(
                $"Track: expected {BorderRun + 1} to {TrackGenerator.MaximumPoints} tiles, got {count}.");
        }

        var points = new TrackPoint[count];
        for (int i = 0; i < count; i++)
            points[i] = new TrackPoint(Number(reader), Number(reader), Number(reader), Number(reader));
        return FromPoints(points);

        // Far above what a track can have; a value beyond it would only fail later, where the reason is hard to see.
        static double Number(BinaryReader reader) => reader.ReadDouble() is var value && Math.Abs(value) <= 1e6
            ? value
            : throw new InvalidDataException($"Track: expected coordinates within ±1e6, got {value}.");
    }

    private static bool[] Borders(ReadOnlySpan<TrackPoint> points)
    {
        int count = points.Length;
        var borders = new bool[count];
        for (int i = 0; i < count; i++)
        {
            bool sharp = true;
            int direction = 0;
            for (int back = 0; back < BorderRun; back++)
            {
                double turn = points[Wrap(i - back)].Beta - points[Wrap(i - back - 1)].Beta;
                sharp &= Math.Abs(turn) > BorderTurn;
                direction += Math.Sign(turn);
            }

            borders[i] = sharp && Math.Abs(direction) == BorderRun;
        }

        // The kerb begins where the run of turns began. In place and in this order, as the reference does it: a run
        // that wraps around the start spreads once more when the loop reaches the last tiles.
        for (int i = 0; i < count; i++)
        {
            for (int back = 0; back < BorderRun; back++)
                borders[Wrap(i - back)] |= borders[i];
        }

        return borders;

        int Wrap(int index) => index < 0 ? index + count : index;
    }
}
