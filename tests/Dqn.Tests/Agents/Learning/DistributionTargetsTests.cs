using Dqn.Agents;
using Dqn.Values;

namespace Dqn.Tests.Agents;

public sealed class DistributionTargetsTests
{
    private static readonly CategoricalDistribution Grid = new(-1, 1, 3);

    [Test]
    public void ProjectionByHand()
    {
        // −1, 0, 1 become 0, ½, 1: the middle one's 0.3 is shared between 0 and 1.
        var targets = new float[3];
        Grid.Targets([0.5f], [0.5f], [0.2f, 0.3f, 0.5f], targets);
        Assert.That(targets, Is.EqualTo(new[] { 0, 0.35f, 0.65f }).Within(1e-7));
    }

    [Test]
    public void ReturnsBeyondTheGridGoToItsEndsAndTerminatedOnesToTheReward()
    {
        var targets = new float[9];
        Grid.Targets(
            [5, -0.4f, -0.25f], [0.9f, 1, 0],
            [0.2f, 0.3f, 0.5f, /**/ 0.2f, 0.3f, 0.5f, /**/ 0.2f, 0.3f, 0.5f], targets);
        Assert.That(targets, Is.EqualTo(new[]
        {
            0, 0, 1,
            0.2f + 0.3f * 0.4f, 0.3f * 0.6f + 0.5f * 0.4f, 0.5f * 0.6f,
            0.25f, 0.75f, 0,
        }).Within(1e-6));
    }

    [Test]
    public void ProjectionKeepsTheMeanWithinTheGrid()
    {
        CategoricalDistribution grid = new(-10, 10, 51);
        Random random = new(1);
        for (int trial = 0; trial < 100; trial++)
        {
            float[] next = [.. Enumerable.Range(0, 51).Select(_ => random.NextSingle())], targets = new float[51];
            next = [.. next.Select(p => p / next.Sum())];
            float reward = random.NextSingle() - 0.5f, discount = 0.9f * random.NextSingle();
            grid.Targets([reward], [discount], next, targets);
            Assert.That(targets.Sum(), Is.EqualTo(1).Within(1e-5));
            Assert.That(
                grid.Expectation(targets), Is.EqualTo(reward + discount * grid.Expectation(next)).Within(1e-4));
        }
    }

    [Test]
    public void QuantilesByHand()
    {
        var targets = new float[4];
        new QuantileDistribution(2).Targets([1, -2], [0.5f, 0], [2, 4, /**/ 6, 8], targets);
        Assert.That(targets, Is.EqualTo(new float[] { 2, 3, -2, -2 }));
    }

    [Test]
    public void TheGreedyActionsDistributionIsSelectedByItsMeanOrByTheOtherNetwork()
    {
        // Two items of two actions of two quantiles; means 2, 3 and 5, 4.
        float[] distributions = [1, 3, /**/ 0, 6, /*next*/ 4, 6, /**/ 4, 4];
        float[] means = new float[4], next = new float[4];
        new QuantileDistribution(2).Expectations(distributions, means);
        Assert.That(means, Is.EqualTo(new float[] { 2, 3, 5, 4 }));
        TemporalDifference.Select(means, distributions, 2, next);
        Assert.That(next, Is.EqualTo(new float[] { 0, 6, /**/ 4, 6 }));
        TemporalDifference.Select([1, 0, /**/ 0, 1], distributions, 2, next);
        Assert.That(next, Is.EqualTo(new float[] { 1, 3, /**/ 4, 4 }));
    }

    [Test]
    public void MisfittingLengthsAreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => Grid.Targets([1], [1, 1], new float[3], new float[3]),
            Throws.ArgumentException.With.Message.Contains("discounts"));
        Assert.That(() => Grid.Targets([1], [1], new float[4], new float[3]),
            Throws.ArgumentException.With.Message.Contains("nextDistributions"));
        Assert.That(() => Grid.Targets([1], [1], new float[3], new float[2]),
            Throws.ArgumentException.With.Message.Contains("targets"));
        Assert.That(() => new QuantileDistribution(2).Targets([1, 1], [1, 1], new float[3], new float[3]), Throws.ArgumentException);
        Assert.That(() => new QuantileDistribution(2).Targets([1], [1], new float[3], new float[2]), Throws.ArgumentException);
        Assert.That(() => TemporalDifference.Select(new float[3], new float[8], 2, new float[4]),
            Throws.ArgumentException);
        Assert.That(() => TemporalDifference.Select(new float[4], new float[9], 2, new float[4]),
            Throws.ArgumentException);
        Assert.That(() => Grid.Expectations(new float[4], new float[1]),
            Throws.ArgumentException);
    });
}
