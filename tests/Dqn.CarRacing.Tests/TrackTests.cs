using System.Globalization;
using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

public class TrackTests
{
    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    [Test]
    public void EveryDoubleEqualsGymnasiums()
    {
        var seeds = GoldenFiles.ReadCsv("carracing/tracks.csv.gz").GroupBy(row => ulong.Parse(row[0])).ToArray();
        Assert.That(seeds, Has.Length.EqualTo(20));
        foreach (var rows in seeds)
        {
            var track = Track.Generate(new Pcg64(rows.Key));
            AssertPoints(track, [.. rows.Select(row => row[2..6])], $"seed {rows.Key}");
            int[] borders = [.. rows.Select(row => int.Parse(row[6]))];
            var actual = track.Tiles.ToArray().Select(tile => (int)tile.Border);
            Assert.That(actual, Is.EqualTo(borders), $"seed {rows.Key}");
        }
    }

    [Test]
    public void TheStreamGoesOnFromTrackToTrackAsGymnasiums()
    {
        var seeds = GoldenFiles.ReadCsv("carracing/tracks-next-episodes.csv.gz")
            .GroupBy(row => ulong.Parse(row[0])).ToArray();
        Assert.That(seeds, Has.Length.EqualTo(4));
        foreach (var episodes in seeds)
        {
            var random = new Pcg64(episodes.Key);
            Track.Generate(random);
            foreach (var rows in episodes.GroupBy(row => row[1]))
            {
                string[][] points = [.. rows.Select(row => row[3..7])];
                AssertPoints(Track.Generate(random), points, $"seed {episodes.Key} episode {rows.Key}");
            }
        }
    }

    [Test]
    public void QuadsLieOnBothSidesOfTheirPoints()
    {
        var tiles = Track.Generate(new Pcg64(3)).Tiles.ToArray();
        for (int i = 0; i < tiles.Length; i++)
        {
            var (tile, previous) = (tiles[i], tiles[(i + tiles.Length - 1) % tiles.Length]);
            var road = tile.Road;
            Assert.That((road.X0 + road.X1) / 2, Is.EqualTo(tile.X).Within(1e-9));
            Assert.That((road.Y0 + road.Y1) / 2, Is.EqualTo(tile.Y).Within(1e-9));
            Assert.That((road.X2 + road.X3) / 2, Is.EqualTo(previous.X).Within(1e-9));
            Assert.That((road.Y2 + road.Y3) / 2, Is.EqualTo(previous.Y).Within(1e-9));
            Assert.That(Distance(road.X0, road.Y0, road.X1, road.Y1), Is.EqualTo(80 / 6.0).Within(1e-9));

            // A kerb begins where the road ends, on the outside of the turn: 8/6 m wide.
            var border = tile.BorderQuad;
            if (tile.Border == TrackBorder.None)
            {
                Assert.That(border, Is.EqualTo(default(Quad)));
                continue;
            }

            bool right = previous.Beta > tile.Beta;
            Assert.That((border.X0, border.Y0), Is.EqualTo(right ? (road.X1, road.Y1) : (road.X0, road.Y0)));
            Assert.That((border.X3, border.Y3), Is.EqualTo(right ? (road.X2, road.Y2) : (road.X3, road.Y3)));
            Assert.That(Distance(border.X0, border.Y0, border.X1, border.Y1), Is.EqualTo(8 / 6.0).Within(1e-9));
        }

        static double Distance(double x0, double y0, double x1, double y1) => Math.Sqrt(
            Math.Pow(x0 - x1, 2) + Math.Pow(y0 - y1, 2));
    }

    [Test]
    public void SavedTrackLoadsEqual()
    {
        var track = Track.Generate(new Pcg64(11));
        using var memory = new MemoryStream();
        track.Save(new BinaryWriter(memory));
        memory.Position = 0;
        Assert.That(Track.Load(new BinaryReader(memory)).Tiles.ToArray(), Is.EqualTo(track.Tiles.ToArray()));
    }

    [TestCase(4)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void ImpossibleTileCountIsRefused(int count)
    {
        using var memory = new MemoryStream(BitConverter.GetBytes(count));
        Assert.That(() => Track.Load(new BinaryReader(memory)), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void NotANumberIsRefused()
    {
        using var memory = new MemoryStream();
        var writer = new BinaryWriter(memory);
        writer.Write(5);
        for (int i = 0; i < 20; i++)
            writer.Write(i == 7 ? double.NaN : i);
        memory.Position = 0;
        Assert.That(() => Track.Load(new BinaryReader(memory)), Throws.TypeOf<InvalidDataException>());
    }

    private static void AssertPoints(Track track, string[][] expected, string message)
    {
        Assert.That(track.Tiles.Length, Is.EqualTo(expected.Length), message);
        for (int i = 0; i < expected.Length; i++)
        {
            var tile = track.Tiles[i];
            double[] actual = [tile.Alpha, tile.Beta, tile.X, tile.Y];
            Assert.That(actual, Is.EqualTo(expected[i].Select(Number)), $"{message} tile {i}");
        }
    }
}
