using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class FrameFeedTests
{
    private const int FrameBytes = 3;

    [Test]
    public void ACopyShowsWhatTheBufferShows(
        [Values(1, 4)] int stack, [Values(1, 3)] int lanes, [Values(1, 7, 60)] int stepsBetween)
    {
        var buffer = new ReplayBuffer(30 * lanes, FrameBytes, stack, lanes, 0, 8);
        var random = new Pcg64(1);
        RandomEpisodes[] episodes =
            [.. Enumerable.Range(0, lanes).Select(lane => new RandomEpisodes(buffer, null, random, 6, lane))];
        var feed = new FrameFeed(buffer);
        var copy = new byte[buffer.PlaceCount * FrameBytes];
        for (int round = 0; round < 60; round++)
        {
            foreach (RandomEpisodes episode in episodes)
                episode.Play(stepsBetween);
            Follow(feed, copy);
            Compare(buffer, copy, random);
        }
    }

    [Test]
    public void EachFrameComesOnceAndABeginningThatNothingFollowedNotAtAll()
    {
        var buffer = new ReplayBuffer(100, 1, 2, 1, 0, 8);
        var feed = new FrameFeed(buffer);
        var copy = new byte[buffer.PlaceCount];
        buffer.Begin([1, 1]);
        Assert.That(Follow(feed, copy, 1), Is.Zero);
        buffer.Begin([2, 2]);
        buffer.Add(0, 0, false, false, [2, 3]);
        Assert.That(Follow(feed, copy, 1), Is.EqualTo(2));
        buffer.Add(0, 0, true, false, [3, 4]);
        Assert.That(Follow(feed, copy, 1), Is.EqualTo(1));
        buffer.Begin([5, 5]);
        Assert.That(Follow(feed, copy, 1), Is.Zero);
        for (byte i = 6; i < 30; i++)
            buffer.Add(0, 0, false, false, [0, i]);
        Assert.That(Follow(feed, copy, 1), Is.EqualTo(25));
        Assert.That(Follow(feed, copy, 1), Is.Zero);
        Assert.That(copy[..5], Is.EqualTo(new byte[] { 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void WhatWasOverwrittenInBetweenIsPassedOver()
    {
        var buffer = new ReplayBuffer(10, 1, 1, 1, 0, 8);
        var feed = new FrameFeed(buffer);
        buffer.Begin([0]);
        for (byte i = 1; i < 200; i++)
            buffer.Add(0, 0, false, false, [i]);
        Assert.That(Follow(feed, new byte[buffer.PlaceCount], 1), Is.EqualTo(buffer.PlaceCount));
    }

    [Test]
    public void AfterLoadingAllFramesComeAgain()
    {
        var buffer = new ReplayBuffer(30, FrameBytes, 2, 1, 0, 8);
        var random = new Pcg64(1);
        new RandomEpisodes(buffer, null, random, 6).Play(50);
        var other = new ReplayBuffer(30, FrameBytes, 2, 1, 0, 8);
        new RandomEpisodes(other, null, random, 6).Play(70);
        var feed = new FrameFeed(other);
        var copy = new byte[other.PlaceCount * FrameBytes];
        Follow(feed, copy);

        var state = new MemoryStream();
        buffer.SaveState(new BinaryWriter(state));
        state.Position = 0;
        other.LoadState(new BinaryReader(state));
        Assert.That(() => feed.TryNext(out _, out _), Throws.InvalidOperationException);
        for (int i = 0; i < buffer.SegmentCount; i++)
        {
            var segment = new MemoryStream();
            buffer.WriteSegment(i, segment);
            segment.Position = 0;
            if (other.SegmentVersion(i) > 0)
                other.ReadSegment(i, segment);
        }

        Assert.That(Follow(feed, copy), Is.EqualTo(other.PlaceCount));
        Compare(other, copy, random);
    }

    [Test]
    public void DestinationsOfAnotherLengthAreRefused()
    {
        var buffer = new ReplayBuffer(30, FrameBytes, 2, 1, 0, 8);
        new RandomEpisodes(buffer, null, new Pcg64(1), 6).Play(5);
        var batch = new TransitionBatch(4, buffer.ObservationBytes);
        buffer.Sample(new Pcg64(1), batch);
        Assert.That(
            () => buffer.ReadPlaces(batch, new long[8], new long[7]),
            Throws.ArgumentException.With.Message.Contains("4 × 2 places, got 7"));
        Assert.That(() => new FrameFeed(null!), Throws.ArgumentNullException);
    }

    /// <summary>Brings the copy up to date; how many frames it lacked.</summary>
    private static int Follow(FrameFeed feed, byte[] copy, int frameBytes = FrameBytes)
    {
        int count = 0;
        while (feed.TryNext(out long place, out ReadOnlySpan<byte> frames))
        {
            frames.CopyTo(copy.AsSpan((int)place * frameBytes));
            count += frames.Length / frameBytes;
        }

        return count;
    }

    private static void Compare(ReplayBuffer buffer, byte[] copy, Pcg64 random)
    {
        var batch = new TransitionBatch(40, buffer.ObservationBytes);
        buffer.Sample(random, batch, steps: 3);
        int stack = buffer.StackedFrames;
        long[] places = new long[40 * stack], nextPlaces = new long[40 * stack];
        buffer.ReadPlaces(batch, places, nextPlaces);
        Assert.That(Show(places), Is.EqualTo(batch.Observations.ToArray()));
        Assert.That(Show(nextPlaces), Is.EqualTo(batch.NextObservations.ToArray()));

        byte[] Show(long[] where) =>
            [.. where.SelectMany(place => copy.Skip((int)place * buffer.FrameBytes).Take(buffer.FrameBytes))];
    }
}
