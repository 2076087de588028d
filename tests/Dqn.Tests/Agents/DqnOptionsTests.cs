using Dqn.Agents;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Tests.Agents;

public sealed class DqnOptionsTests
{
    [Test]
    public void DefaultsAreTheNotebooks()
    {
        var options = new DqnOptions();
        Assert.Multiple(() =>
        {
            Assert.That(options.Epsilon, Is.EqualTo(new EpsilonSchedule(1.0, 0.1, 1_000_000)));
            Assert.That(options.ExplorationDuration, Is.Null);
            Assert.That(options.Discount, Is.EqualTo(0.99));
            Assert.That(options.BatchSize, Is.EqualTo(32));
            Assert.That(options.WarmupSteps, Is.EqualTo(5_000));
            Assert.That(options.BufferCapacity, Is.EqualTo(100_000));
            Assert.That(options.TargetUpdatePeriod, Is.EqualTo(10_000));
            Assert.That(options.UpdatePeriod, Is.EqualTo(1));
            Assert.That(options.DoubleDqn, Is.False);
            Assert.That((options.Environments, options.UpdatesPerPeriod, options.NStep), Is.EqualTo((1, 1, 1)));
            Assert.That((options.TargetUpdateRate, options.RewardScale), Is.EqualTo((1.0, 1.0)));
            Assert.That((options.LearningRate, options.Munchausen), Is.EqualTo(((object?)null, (object?)null)));
            Assert.That((options.EvaluationAverage, options.EvaluationRisk, options.AdvantageLearning), Is.EqualTo((0.0, 1.0, 0.0)));
            Assert.That((options.Prioritized, options.ImportanceSteps, options.RandomShift), Is.EqualTo(((object?)null, 0L, 0)));
            Assert.That(options.MirrorActions, Is.Empty);
            Assert.That(options.Network.Optimizer, Is.EqualTo(new RmsPropOptions { LearningRate = 0.00025 }));
            Assert.That(options.Network.Loss, Is.EqualTo(Loss.MeanSquared));
            Assert.That(options.Network.MaxGradientNorm, Is.EqualTo(double.PositiveInfinity));
        });
    }

    [Test]
    public void OptionsOutOfRangeAreRefusedByNameAlsoInAWith()
    {
        var valid = new DqnOptions();
        Assert.Multiple(() =>
        {
            Refuses(() => valid with { Discount = 1.01 }, "Discount: expected 0 … 1", 1.01);
            Refuses(() => valid with { Discount = double.NaN }, "Discount", double.NaN);
            Refuses(() => valid with { BatchSize = 0 }, "BatchSize: expected 1 … 65536", 0);
            Refuses(() => new DqnOptions { WarmupSteps = -1 }, "WarmupSteps: expected at least 0", -1L);
            Refuses(() => valid with { BufferCapacity = 0 }, "BufferCapacity: expected at least 1", 0L);
            Refuses(() => valid with { TargetUpdatePeriod = 0 }, "TargetUpdatePeriod: expected at least 1", 0L);
            Refuses(() => valid with { UpdatePeriod = 0 }, "UpdatePeriod: expected at least 1", 0L);
            Refuses(() => valid with { Environments = 0 }, "Environments: expected 1 … 1024", 0);
            Refuses(() => valid with { UpdatesPerPeriod = 0 }, "UpdatesPerPeriod: expected at least 1", 0);
            Refuses(() => valid with { NStep = 0 }, "NStep: expected at least 1", 0);
            Refuses(() => valid with { TargetUpdateRate = 0 }, "TargetUpdateRate: expected above 0", 0.0);
            Refuses(() => valid with { RewardScale = 0 }, "RewardScale: expected above 0", 0.0);
            Refuses(() => valid with { ImportanceSteps = -1 }, "ImportanceSteps: expected at least 0", -1L);
            Refuses(() => valid with { RandomShift = -1 }, "RandomShift: expected 0 … 255", -1);
            Refuses(() => valid with { EvaluationAverage = 1 }, "EvaluationAverage: expected 0 … below 1", 1.0);
            Refuses(() => valid with { EvaluationRisk = 0 }, "EvaluationRisk: expected above 0 and up to 1", 0.0);
            Refuses(() => valid with { EvaluationRisk = 1.1 }, "EvaluationRisk: expected above 0 and up to 1", 1.1);
            Refuses(() => valid with { AdvantageLearning = 1 }, "AdvantageLearning: expected 0 … below 1", 1.0);
            Refuses(() => new EpsilonSchedule { Ladder = -1 }, "Ladder: expected at least 0", -1.0);
            Refuses(() => new ExplorationDuration(exponent: 1), "Exponent: expected above 1", 1.0);
            Refuses(() => new ExplorationDuration(longest: 0), "Longest: expected 1 … 10000", 0);
            Refuses(() => new LearningRateSchedule(0, 1, 1), "expected a learning rate above 0", 0.0);
            Refuses(() => new LearningRateSchedule(1, double.NaN, 1), "expected a learning rate above 0", double.NaN);
            Refuses(() => new EpsilonSchedule(start: 1.5), "Start: expected 0 … 1", 1.5);
            Refuses(() => new EpsilonSchedule(start: 0.5, end: 0.6), "End: expected 0 … Start", 0.6);
            Refuses(() => new EpsilonSchedule(decaySteps: 0), "DecaySteps: expected at least 1", 0L);
            Assert.That(() => valid with { Epsilon = null! }, Throws.ArgumentNullException);
            Assert.That(() => valid with { Network = null! }, Throws.ArgumentNullException);
        });

        static void Refuses(Func<object> make, string message, object actual) => Assert.That(
            () => make(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(message)
                .And.Property(nameof(ArgumentOutOfRangeException.ActualValue)).EqualTo(actual));
    }

    [Test]
    public void EpsilonFallsAsTheNotebooks()
    {
        var schedule = new EpsilonSchedule();
        double epsilon = 1.0, decay = (1.0 - 0.1) / 1e6;
        for (int step = 0; step < 1_200_000; step++)
        {
            if (step % 1000 == 0)
                Assert.That(schedule.At(step), Is.EqualTo(epsilon).Within(1e-10));
            epsilon = Math.Max(0.1, epsilon - decay);
        }

        Assert.That(schedule.At(0), Is.EqualTo(1.0));
        Assert.That(schedule.At(500_000), Is.EqualTo(0.55).Within(1e-15));
        Assert.That(schedule.At(1_000_000), Is.EqualTo(0.1));
        Assert.That(schedule.At(long.MaxValue), Is.EqualTo(0.1));
        Assert.That(() => schedule.At(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TheLadderIsApexs()
    {
        // D. Horgan et al. (2018): ε 0.4, α 7; with eight environments the exponents are 1 … 8.
        var schedule = new EpsilonSchedule(0.4, 0.4) { Ladder = 7 };
        for (int i = 0; i < 8; i++)
            Assert.That(schedule.At(0, i, 8), Is.EqualTo(Math.Pow(0.4, 1 + i)).Within(1e-15));
        Assert.That(schedule.At(0, 0, 1), Is.EqualTo(0.4));
        Assert.That(new EpsilonSchedule(0.5, 0.1, 10).At(5, 3, 8), Is.EqualTo(0.3).Within(1e-15), "without a ladder");
        Assert.That(() => schedule.At(0, 8, 8), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => schedule.At(0, 0, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void SchedulesMayHaveSeveralPieces()
    {
        var schedule = new EpsilonSchedule(1, 0.2, 100) { Then = new EpsilonSchedule(0.2, 0.01, 1000) };
        Assert.That(schedule.At(50), Is.EqualTo(0.6).Within(1e-15));
        Assert.That(schedule.At(100), Is.EqualTo(0.2));
        Assert.That(schedule.At(600), Is.EqualTo(0.105).Within(1e-15));
        Assert.That(schedule.At(5000), Is.EqualTo(0.01));
    }

    [Test]
    public void TheLearningRateIsAStraightLine()
    {
        var schedule = new LearningRateSchedule(3e-4, 3e-5, 1000);
        Assert.That(schedule.At(0), Is.EqualTo(3e-4));
        Assert.That(schedule.At(500), Is.EqualTo(1.65e-4).Within(1e-18));
        Assert.That(schedule.At(1000), Is.EqualTo(3e-5));
        Assert.That(schedule.At(long.MaxValue), Is.EqualTo(3e-5));
        Assert.That(() => schedule.At(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
