using Dqn.Environments.CarRacing;

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
}
