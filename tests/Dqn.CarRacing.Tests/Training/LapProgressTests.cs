namespace Dqn.Tests.CarRacing.Training;

public class LapProgressTests
{
    [Test]
    public void AllTilesMakeALap()
    {
        var lap = new FollowedLap(0.95);
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
        var lap = new FollowedLap(percent);
        lap.Begin(8);
        foreach (int tile in visits)
            lap.Visit(tile);
        Assert.That(lap.Finished, Is.EqualTo(finished));
    }

    // Onto the first tile again, with more than the part visited; and all tiles still make a lap.
    [TestCase(0.5, new[] { 0, 1, 2, 3, 0 }, false)]
    [TestCase(0.5, new[] { 0, 1, 2, 3, 4 }, false)]
    [TestCase(0.5, new[] { 0, 1, 2, 3, 4, 0 }, true)]
    [TestCase(0.5, new[] { 0, 1, 2, 3, 4, 1 }, false)]
    [TestCase(1.0, new[] { 0, 1, 2, 3, 4, 5, 6, 0 }, false)]
    [TestCase(1.0, new[] { 0, 1, 2, 3, 4, 5, 6, 7 }, true)]
    public void ThePercentageAloneMayMakeALap(double percent, int[] visits, bool finished)
    {
        FollowedLap lap = new(percent, endsOnPercentage: true), gymnasiums = new(percent);
        lap.Begin(8);
        gymnasiums.Begin(8);
        foreach (int tile in visits)
            Assert.That(lap.Visit(tile), Is.EqualTo(gymnasiums.Visit(tile)));
        Assert.That(lap.Finished, Is.EqualTo(finished));
        Assert.That(gymnasiums.Finished, Is.EqualTo(lap.Visited == 8));

        // It goes on from what was saved.
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory, System.Text.Encoding.UTF8, leaveOpen: true))
            lap.Save(writer);
        memory.Position = 0;
        FollowedLap loaded = new(percent, endsOnPercentage: true);
        loaded.Begin(8);
        loaded.Load(new BinaryReader(memory));
        Assert.That(loaded.Finished, Is.EqualTo(finished));
    }

    // Driven past: the car is four tiles further. The last tile, under the car at the start, is not where it has gone,
    // and no more is a tile across the field.
    [TestCase(new[] { 0, 1, 2, 4, 5, 6 }, 0)]
    [TestCase(new[] { 0, 1, 2, 4, 5, 6, 7 }, 1)]
    [TestCase(new[] { 0, 7 }, 3)]
    [TestCase(new[] { 0, 7, 2 }, 2)]
    [TestCase(new[] { 0, 50 }, 46)]
    [TestCase(new[] { 0, 51 }, 0)]
    [TestCase(new[] { 299, 0, 1 }, 0)]
    [TestCase(new[] { 0, 51, 30 }, 26)]
    [TestCase(new int[0], 0)]
    public void TilesDrivenPastAreCounted(int[] visits, int missed)
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(300);
        foreach (int tile in visits)
            lap.Visit(tile);
        Assert.That(lap.Missed, Is.EqualTo(missed));
    }

    // With all tiles that follow each other in one gap; to come back to one of them takes nothing back and adds nothing.
    [TestCase(new[] { 0, 1, 2, 3, 4, 5, 6 }, 0, 0)]
    [TestCase(new[] { 0, 1, 3, 4, 5, 6, 7, 8 }, 1, 1)]
    [TestCase(new[] { 0, 1, 5, 6, 7, 8 }, 3, 1)]
    [TestCase(new[] { 0, 1, 5, 6, 7, 8, 3, 9, 10 }, 3, 1)]
    [TestCase(new[] { 0, 1, 5, 6, 7, 8, 2, 3, 4, 9, 11, 12, 13, 14 }, 4, 2)]
    [TestCase(new[] { 0, 1, 3, 5, 6, 7, 8 }, 2, 2)]
    [TestCase(new[] { 0, 10, 30 }, 25, 2)]
    [TestCase(new[] { 7 }, 4, 1)]
    public void TilesEverDrivenPastAreCountedInGaps(int[] visits, int drivenPast, int gaps)
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(300);
        foreach (int tile in visits)
            lap.Visit(tile);
        Assert.That((lap.DrivenPast, lap.Gaps), Is.EqualTo((drivenPast, gaps)));

        using var memory = new MemoryStream();
        lap.Save(new BinaryWriter(memory));
        var other = new FollowedLap(0.95);
        other.Begin(300);
        Assert.That((other.DrivenPast, other.Gaps), Is.EqualTo((0, 0)));
        memory.Position = 0;
        other.Load(new BinaryReader(memory));
        for (int tile = 31; tile < 40; tile += 2)
        {
            lap.Visit(tile);
            other.Visit(tile);
        }

        Assert.That((other.DrivenPast, other.Gaps), Is.EqualTo((lap.DrivenPast, lap.Gaps)).And.Not.EqualTo((drivenPast, gaps)));
    }

    [Test]
    public void AWholeLapMissesNothingOnTheWay()
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(300);
        lap.Visit(299);
        lap.Visit(0);
        for (int tile = 2; tile < 299; tile += 2)
        {
            // The wheels' order on neighbouring tiles.
            lap.Visit(tile);
            lap.Visit(tile - 1);
            Assert.That(lap.Missed, Is.Zero);
        }
    }

    [TestCase(299, 3, true)]
    [TestCase(299, 49, true)]
    [TestCase(250, 3, true)] // Fifty tiles cut at the end are still a lap.
    [TestCase(299, 2, false)] // The last tile may yet be visited.
    [TestCase(299, 50, false)]
    [TestCase(249, 3, false)] // Driven back, or across.
    public void TheLapIsPassedWhereTheCarComesToItsBeginningAgain(int reached, int tile, bool passed)
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(300);
        for (int i = 0; i <= reached; i++)
            if (i != 120)
                lap.Visit(i);
        Assert.That((lap.IsPassed, lap.Missed), Is.EqualTo((false, 1)));
        lap.Visit(tile);
        Assert.That((lap.IsPassed, lap.Missed), Is.EqualTo((passed, passed ? 300 - reached : 1)));

        using var memory = new MemoryStream();
        lap.Save(new BinaryWriter(memory));
        lap.Begin(300);
        Assert.That(lap.IsPassed, Is.False);
        memory.Position = 0;
        lap.Load(new BinaryReader(memory));
        Assert.That((lap.IsPassed, lap.Missed), Is.EqualTo((passed, passed ? 300 - reached : 1)));
    }

    [Test]
    public void ALapMayBeAPartOfTheTrack()
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(300, first: 100, end: 160);
        Assert.That((lap.Visited, lap.Finished, lap.Missed), Is.EqualTo((240, false, 0)));
        Assert.That((lap.IsVisited(99), lap.IsVisited(100), lap.IsVisited(159), lap.IsVisited(160)), Is.EqualTo((true, false, false, true)));
        Assert.That(lap.Visit(99), Is.False, "the way back gives nothing");
        for (int tile = 100; tile < 160; tile++)
            if (tile != 130)
                Assert.That(lap.Visit(tile));
        Assert.That((lap.Finished, lap.Missed), Is.EqualTo((false, 1)));
        Assert.That(lap.Visit(162) || lap.IsPassed, Is.False);
        lap.Visit(163);
        Assert.That((lap.IsPassed, lap.Missed), Is.EqualTo((true, 1)));
        lap.Visit(130);
        Assert.That((lap.Finished, lap.Missed), Is.EqualTo((true, 0)));
    }

    [TestCase(-1, 4, 0, 0, "0 … 3, got -1")]
    [TestCase(4, 4, 0, 0, "0 … 3, got 4")]
    [TestCase(0, 0, 0, 0, "1 … 4, got 0")]
    [TestCase(0, 5, 0, 0, "1 … 4, got 5")]
    [TestCase(0, 4, 5, 1, "got 5 in 1")]
    [TestCase(0, 4, 1, 2, "got 1 in 2")]
    [TestCase(0, 4, 1, -1, "got 1 in -1")]
    public void StatesOfNoLapAreRefused(int reached, int end, int drivenPast, int gaps, string message)
    {
        var lap = new FollowedLap(0.95);
        lap.Begin(4);
        using var memory = new MemoryStream();
        lap.Save(new BinaryWriter(memory));
        byte[] state = memory.ToArray();
        int at = state.Length - (4 * sizeof(int)) - sizeof(bool);
        BitConverter.GetBytes(reached).CopyTo(state, at);
        BitConverter.GetBytes(end).CopyTo(state, at + sizeof(int));
        BitConverter.GetBytes(drivenPast).CopyTo(state, state.Length - (2 * sizeof(int)));
        BitConverter.GetBytes(gaps).CopyTo(state, state.Length - sizeof(int));
        Assert.That(
            () => lap.Load(new BinaryReader(new MemoryStream(state))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }
}
