using Dqn.Environments.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.Environments.CarRacing;

public class LapProgressTests
{
    [Test]
    public void AllTilesMakeALap()
    {
        var lap = new LapProgress(0.95);
        lap.Begin(4);
        foreach (int tile in (int[])[0, 2, 1])
            Assert.That(lap.Visit(tile), Is.True);
        Assert.That(lap.Visit(2), Is.False);
        Assert.That((lap.Visited, lap.Finished), Is.EqualTo((3, false)));
        Assert.That(lap.Visit(3), Is.True);
        Assert.That((lap.Visited, lap.Finished), Is.EqualTo((4, true)));
        lap.Begin(3);
        Assert.That((lap.Tiles, lap.Visited, lap.Finished), Is.EqualTo((3, 0, false)));
        Assert.That(lap.Visit(2), Is.True);
    }

    // More than the part, the first tile counted.
    [TestCase(0.5, new[] { 1, 2, 3, 0 }, false)]
    [TestCase(0.5, new[] { 1, 2, 3, 4, 0 }, true)]
    [TestCase(0.5, new[] { 0, 1, 2, 3, 4 }, false)]
    [TestCase(0.0, new[] { 0 }, true)]
    public void EnoughTilesAndThenTheFirstMakeALap(double percent, int[] visits, bool finished)
    {
        var lap = new LapProgress(percent);
        lap.Begin(8);
        foreach (int tile in visits)
            lap.Visit(tile);
        Assert.That(lap.Finished, Is.EqualTo(finished));
    }

    // Driven past: one of the tiles 4 … 20 after it was visited.
    [TestCase(new[] { 0, 1, 2, 4, 5, 6 }, 0)]
    [TestCase(new[] { 0, 1, 2, 4, 5, 6, 7 }, 1)]
    [TestCase(new[] { 0, 7 }, 3)]
    [TestCase(new[] { 0, 23 }, 17)]
    [TestCase(new[] { 0, 23, 27 }, 20)]
    [TestCase(new[] { 0, 23, 27, 22, 19 }, 20)]
    [TestCase(new[] { 39 }, 17)]
    [TestCase(new int[0], 0)]
    public void TilesDrivenPastAreCounted(int[] visits, int missed)
    {
        var lap = new LapProgress(0.95);
        lap.Begin(40);
        foreach (int tile in visits)
            lap.Visit(tile);
        Assert.That(lap.CountMissed(), Is.EqualTo(missed));
    }

    [Test]
    public void MissedTilesAgreeWithTheirDefinition()
    {
        var random = new Pcg64(7);
        for (int run = 0; run < 200; run++)
        {
            var lap = new LapProgress(0.95);
            int tiles = 1 + random.Integer(60);
            lap.Begin(tiles);
            bool[] visited = new bool[tiles];
            for (int i = random.Integer(tiles + 1); i > 0; i--)
            {
                int tile = random.Integer(tiles);
                lap.Visit(tile);
                visited[tile] = true;
            }

            int expected = Enumerable.Range(0, tiles).Count(
                tile => !visited[tile] && Enumerable.Range(tile + 4, 17).Any(after => after < tiles && visited[after]));
            Assert.That(lap.CountMissed(), Is.EqualTo(expected));
        }
    }
}
