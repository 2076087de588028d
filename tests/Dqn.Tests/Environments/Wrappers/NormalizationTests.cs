using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments.Wrappers;

public class NormalizationTests
{
    [Test]
    public void Measured_features_have_mean_0_and_deviation_1()
    {
        using var environment = new Ranges();
        var normalization = Normalization.Measure(environment, 20_000, seed: 3);
        Assert.That(normalization.Means[0], Is.EqualTo(500).Within(10));
        Assert.That(normalization.Deviations[0], Is.EqualTo(1000 / Math.Sqrt(12)).Within(10));
        Assert.That(normalization.Means[1], Is.EqualTo(-0.002).Within(1e-4));
        Assert.That((normalization.Means[2], normalization.Deviations[2]), Is.EqualTo((7f, 1f)), "does not vary");

        using var normal = new Ranges().WithNormalization(normalization);
        normal.Reset(5);
        double[] sums = new double[3], squares = new double[3];
        var observation = new float[3];
        for (int i = 0; i < 5000; i++)
        {
            normal.Observe(MemoryMarshal.AsBytes(observation.AsSpan()));
            for (int j = 0; j < 3; j++)
                (sums[j], squares[j]) = (sums[j] + observation[j], squares[j] + observation[j] * observation[j]);
            if (normal.Step(0).Ended)
                normal.Reset();
        }

        Assert.That(sums.Select(sum => sum / 5000), Is.All.EqualTo(0).Within(0.06));
        Assert.That(squares.Take(2).Select(square => square / 5000), Is.All.EqualTo(1).Within(0.06));
    }

    [Test]
    public void The_same_seed_measures_the_same() => Assert.That(
        Normalization.Measure(new Ranges(), 300, 1), Is.EqualTo(Normalization.Measure(new Ranges(), 300, 1)));

    [Test]
    public void What_is_far_off_is_cut_off_and_it_conforms()
    {
        var narrow = new Normalization([0, 0, 0], [1e-3f, 1, 1]);
        using var environment = new Ranges().WithNormalization(narrow);
        environment.Reset(1);
        var observation = new float[3];
        environment.Observe(MemoryMarshal.AsBytes(observation.AsSpan()));
        Assert.That(observation[0], Is.EqualTo(Normalize.Limit));
        Assert.That(EnvironmentConformance.List(() => new Ranges().WithNormalization(narrow)), Is.Empty);
    }

    [Test]
    public void It_is_made_again_from_its_description()
    {
        var normalization = Normalization.Measure(new Ranges(), 500, 1);
        using IEnvironment environment = new Ranges().WithTimeLimit(9).WithNormalization(normalization);
        using IEnvironment again = EnvironmentPipeline.Rebuild(environment.Describe(), new Ranges());
        Assert.That(again.Describe().ToJsonString(), Is.EqualTo(environment.Describe().ToJsonString()));
        Assert.That(again.Find<Normalize>()!.Normalization, Is.EqualTo(normalization));
    }

    [Test]
    public void Bad_numbers_are_named()
    {
        Assert.That(() => new Normalization([0, 0], [1]), Throws.ArgumentException.With.Message.Contains("got 2 and 1"));
        Assert.That(() => new Normalization([0, 0], [1, 0]), Throws.ArgumentException.With.Message.Contains("Feature 1"));
        Assert.That(() => new Normalization([float.NaN], [1]), Throws.ArgumentException.With.Message.Contains("Feature 0"));
        Assert.That(
            () => new Ranges().WithNormalization(new Normalization([0], [1])),
            Throws.ArgumentException.With.Message.Contains("expected observations of 1 numbers, got 3"));
        Assert.That(() => Normalization.Measure(new CountingEnvironment()), Throws.ArgumentException);
        Assert.That(
            () => Normalization.Measure(new Ranges { Broken = true }),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("feature 2"));
    }

    /// <summary>One feature of 0 … 1000, one of some thousandths, one that stays.</summary>
    private sealed class Ranges : IEnvironment
    {
        private readonly Pcg64 _random = new();
        private EpisodePhase _phase = EpisodePhase.New;
        private float _large, _small;
        private int _step;

        public bool Broken { get; init; }

        public EnvironmentSpec Spec { get; } = new()
        {
            Name = "Ranges",
            ObservationShape = [3],
            ElementType = ElementType.Single,
            ActionCount = 2,
        };

        public void Reset(ulong? seed = null)
        {
            if (seed is { } value)
                _random.Seed(value);
            (_step, _phase) = (0, EpisodePhase.Running);
            Draw();
        }

        public StepResult Step(int action)
        {
            Spec.ThrowIfNotAnAction(action);
            _phase.ThrowIfNotRunning(Spec);
            Draw();
            if (++_step == 50)
                _phase = EpisodePhase.Ended;
            return new StepResult(1, _step == 50, false);
        }

        public void Observe(Span<byte> observation)
        {
            Spec.ThrowIfNotAnObservation(observation);
            _phase.ThrowIfNew(Spec, nameof(Observe));
            Span<float> features = MemoryMarshal.Cast<byte, float>(observation);
            (features[0], features[1], features[2]) = (_large, _small, Broken ? float.NaN : 7);
        }

        public void Dispose()
        {
        }

        private void Draw() =>
            (_large, _small) = ((float)_random.Uniform(0, 1000), (float)_random.Uniform(-0.004, 0));
    }
}
