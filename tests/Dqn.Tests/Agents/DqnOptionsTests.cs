using Dqn.Agents;
using Dqn.Networks;

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
            Assert.That(options.Discount, Is.EqualTo(0.99));
            Assert.That(options.BatchSize, Is.EqualTo(32));
            Assert.That(options.WarmupSteps, Is.EqualTo(5_000));
            Assert.That(options.BufferCapacity, Is.EqualTo(100_000));
            Assert.That(options.TargetUpdatePeriod, Is.EqualTo(10_000));
            Assert.That(options.UpdatePeriod, Is.EqualTo(1));
            Assert.That(options.DoubleDqn, Is.False);
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
}
