using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class ParallelEvaluationTests
{
    [Test]
    public void Several_environments_give_what_one_gives(
        [Values("cartpole", "pixels", "carracing")] string task, [Values(1, 3, 16)] int count,
        [Values(0, 0.3)] double epsilon)
    {
        var options = new EvaluationOptions { FirstSeed = 77, Episodes = 11, Epsilon = epsilon };
        using IEnvironment one = SmallRun.Make(task);
        using var several = new VectorEnvironment(count, _ => SmallRun.Make(task), threads: 2);
        using IQNetwork network = Network(one.Spec);
        var parallel = new Evaluator(several, options);

        EvaluationResult expected = new Evaluator(one, options).Evaluate(network);
        Assert.That(parallel.Evaluate(network).Episodes, Is.EqualTo(expected.Episodes));
        Assert.That(parallel.Evaluate(network).Episodes, Is.EqualTo(expected.Episodes), "again");
        Assert.That(expected.Episodes.Select(episode => episode.Return).Distinct().Count(), Is.GreaterThan(1));
    }

    [Test]
    public void A_policy_is_asked_about_each_environments_observation()
    {
        var options = new EvaluationOptions { Episodes = 7 };
        using IEnvironment one = SmallRun.Make("pixels");
        using var several = new VectorEnvironment(3, _ => SmallRun.Make("pixels"));
        EvaluationResult expected = new Evaluator(one, options).Evaluate(Follow);
        Assert.That(new Evaluator(several, options).Evaluate(Follow).Episodes, Is.EqualTo(expected.Episodes));

        // Towards the dot, which the newest frame's first row has.
        static int Follow(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions)
        {
            ReadOnlySpan<byte> frame = observation[^12..];
            return 1 + Math.Sign(frame[..6].IndexOf((byte)255) - frame[6..].IndexOf((byte)128));
        }
    }

    [Test]
    public void The_network_is_asked_about_as_many_as_there_are_to_play()
    {
        using var several = new VectorEnvironment(4, _ => SmallRun.Make("cartpole"));
        using var network = new LinearQNetwork(16, 2, pixels: false, 8);
        var batches = new List<int>();
        var evaluator = new Evaluator(several, new EvaluationOptions { Episodes = 6 });
        evaluator.Evaluate(new CountingNetwork(network, batches));
        Assert.That(batches[0], Is.EqualTo(4));
        Assert.That(batches, Is.Ordered.Descending);
        Assert.That(batches, Does.Contain(1));
    }

    [Test]
    public void Frames_are_those_of_the_environment()
    {
        using IEnvironment environment = SmallRun.Make("carracing");
        EvaluationResult result = new Evaluator(environment, new EvaluationOptions { Episodes = 1 }).Evaluate((_, _) => 0);
        Assert.That(result.Episodes[0].Frames, Is.EqualTo(100));
        Assert.That(result.Episodes[0].Steps, Is.EqualTo(13), "of the 50 frames after the no-op ones");
    }

    [TestCase(AutoresetMode.SameStep)]
    [TestCase(AutoresetMode.Disabled)]
    public void Another_autoreset_is_refused(AutoresetMode mode)
    {
        using var several = new VectorEnvironment(2, _ => SmallRun.Make("cartpole"), mode);
        Assert.That(() => new Evaluator(several), Throws.ArgumentException.With.Message.Contains("NextStep"));
    }

    private static IQNetwork Network(EnvironmentSpec spec) => spec.Name == "CarRacing-v3"
        ? new QNetwork(new CnnActionValue(4, 5), new Pcg64(5))
        : new LinearQNetwork(spec.ObservationBytes, spec.ActionCount, spec.ElementType == ElementType.Byte, 5);

    private sealed class CountingNetwork(LinearQNetwork inner, List<int> batches) : IQNetwork
    {
        public int ObservationBytes => inner.ObservationBytes;

        public int ActionCount => inner.ActionCount;

        public double LearningRate { get; set; } = 1;

        public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
        {
            batches.Add(observations.Length / ObservationBytes);
            inner.Evaluate(observations, values);
        }

        public FitResult Fit(
            ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
            ReadOnlySpan<float> weights, Span<float> tdErrors) => throw new NotSupportedException();

        public IQNetwork Clone() => throw new NotSupportedException();

        public void CopyParametersFrom(IQNetwork source) => throw new NotSupportedException();

        public Dqn.Serialization.StateDict GetStateDict() => inner.GetStateDict();

        public void LoadStateDict(Dqn.Serialization.StateDict stateDict) => throw new NotSupportedException();

        public void SaveState(BinaryWriter writer) => throw new NotSupportedException();

        public void LoadState(BinaryReader reader) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
