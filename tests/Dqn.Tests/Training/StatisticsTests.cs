using Dqn.Training;

namespace Dqn.Tests.Training;

public class StatisticsTests
{
    [Test]
    public void An_evaluation_is_summed_up_as_NumPy_does()
    {
        double[] returns = [3, -1, 4, 1.5, 9, 2.5, 6];
        var result = new EvaluationResult(
            7, [.. returns.Select((value, i) => new EpisodeSummary(value, i + 1, true, false, i + 1))]);
        Assert.Multiple(() =>
        {
            // numpy: mean, std, min, percentile(·, 10), max
            Assert.That(result.Mean, Is.EqualTo(25.0 / 7).Within(1e-12));
            Assert.That(result.StandardDeviation, Is.EqualTo(2.9812338221013155).Within(1e-6));
            Assert.That(result.Minimum, Is.EqualTo(-1));
            Assert.That(result.Percentile10, Is.EqualTo(0.5).Within(1e-12));
            Assert.That(result.Maximum, Is.EqualTo(9));
            Assert.That(result.MeanSteps, Is.EqualTo(4));
            Assert.That(result.Episodes.Select(episode => episode.Return), Is.EqualTo(returns));
        });
    }

    [TestCase(0, -1)]
    [TestCase(10, 0.5)]
    [TestCase(25, 2)]
    [TestCase(50, 3)]
    [TestCase(90, 7.2)]
    [TestCase(100, 9)]
    public void Percentiles_are_linear_between_the_nearest(double percent, double expected) =>
        Assert.That(
            EvaluationResult.Percentile([-1, 1.5, 2.5, 3, 4, 6, 9], percent), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void A_single_episode_is_its_own_summary()
    {
        var result = new EvaluationResult(0, [new(5, 1, false, true, 4)]);
        Assert.That(
            new[] { result.Mean, result.Minimum, result.Percentile10, result.Maximum, result.StandardDeviation },
            Is.EqualTo(new double[] { 5, 5, 5, 5, 0 }));
        Assert.That(() => new EvaluationResult(0, []), Throws.ArgumentException);
        EpisodeSummary good = new(9, 1, true, false, 1), bad = good with { Return = -1 };
        Assert.That(new EvaluationResult(20, [good, bad, good, bad]).WorstSeed, Is.EqualTo(21), "the first of equals");
    }

    [Test]
    public void Moving_statistics_forget_and_are_saved()
    {
        var statistics = new MovingStatistics(3);
        Assert.That(statistics.Mean, Is.NaN);
        Assert.That(statistics.Last, Is.NaN);
        foreach (double value in new double[] { 1, 2, 3, 7 })
            statistics.Add(value);
        Assert.That((statistics.Mean, statistics.Last, statistics.Count), Is.EqualTo((4.0, 7.0, 4L)));

        using var memory = new MemoryStream();
        statistics.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        var loaded = new MovingStatistics(3);
        loaded.LoadState(new BinaryReader(memory));
        loaded.Add(1);
        statistics.Add(1);
        Assert.That((loaded.Mean, loaded.Last, loaded.Count), Is.EqualTo((statistics.Mean, 1.0, 5L)));

        memory.Position = 0;
        Assert.That(
            () => new MovingStatistics(4).LoadState(new BinaryReader(memory)),
            Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void Evaluation_options_are_checked()
    {
        Assert.That(() => new EvaluationOptions { Episodes = 0 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new EvaluationOptions { Epsilon = 1.5 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new EvaluationOptions { Epsilon = double.NaN }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
