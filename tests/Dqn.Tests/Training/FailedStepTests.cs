using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Tests.Agents;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>After an exception a step has counted for agent and loop, or for neither, and training goes on.</summary>
public sealed class FailedStepTests
{
    [Test]
    public void An_update_that_fails_has_its_step_counted_once()
    {
        var network = new FailingNetwork(new TabularNetwork(256, 3, 12, 0.1f));
        using var environment = new PixelChase(true);
        using var agent = new DqnAgent(network, environment.Spec, Options(1), 1);
        var loop = new TrainingLoop(agent, environment, 1);
        for (int i = 0; i < 200; i++)
        {
            network.Fails = i % 7 == 3;
            try
            {
                loop.Run(1);
            }
            catch (IOException)
            {
                Assert.That(i, Is.GreaterThanOrEqualTo(10), "nothing is learnt before");
            }

            Assert.That((agent.Steps, loop.Steps), Is.EqualTo((i + 1L, i + 1L)));
        }

        Assert.That(agent.Replay.Count, Is.EqualTo(200));
        Assert.That(agent.Updates, Is.InRange(150, 180));
    }

    [Test]
    public void An_environment_that_fails_has_no_step_counted_and_begins_anew([Values(1, 3)] int count)
    {
        Failing[] each = [.. Enumerable.Range(0, count).Select(_ => new Failing())];
        using var environments = new VectorEnvironment([.. each], AutoresetMode.NextStep, threads: 1);
        using var agent = new DqnAgent(
            new TabularNetwork(256, 2, 4, 0), environments.Spec, Options(count), 1);
        var loop = new TrainingLoop(agent, environments, 1);
        int failures = 0;
        for (int i = 0; i < 300; i++)
        {
            each[^1].Fails = i % 50 == 20;
            long before = loop.Steps;
            try
            {
                loop.Run(1);
            }
            catch (InvalidOperationException e) when (e.InnerException is IOException)
            {
                failures++;
                Assert.That(loop.Steps, Is.EqualTo(before));
            }

            Assert.That(agent.Steps, Is.EqualTo(loop.Steps));
        }

        Assert.That(failures, Is.GreaterThanOrEqualTo(2));
        Assert.That(each.Select(one => one.Episodes), Is.All.EqualTo(failures + 1));
        Assert.That(agent.Replay.Count, Is.EqualTo(loop.Steps));
    }

    [Test]
    public void An_observation_that_is_refused_ends_its_episode_and_no_other()
    {
        Failing[] each = [new(), new()];
        using var environments = new VectorEnvironment([.. each], AutoresetMode.NextStep, threads: 1);
        using var agent = new DqnAgent(new TabularNetwork(256, 2, 4, 0), environments.Spec, Options(2), 1);
        var loop = new TrainingLoop(agent, environments, 1);
        loop.Run(10);
        each[0].ShowsNaN = true;
        Assert.That(() => loop.Run(1), Throws.ArgumentException.With.Message.Contains("NaN"));
        each[0].ShowsNaN = false;
        loop.Run(9);
        Assert.That((agent.Steps, loop.Steps), Is.EqualTo((19L, 19L)));
        Assert.That((each[0].Episodes, each[1].Episodes), Is.EqualTo((2, 1)));
    }

    private static DqnOptions Options(int environments) => new()
    {
        Environments = environments,
        WarmupSteps = 10,
        BatchSize = 4,
        BufferCapacity = 1000,
    };

    /// <summary>A number that counts up, in one episode without end.</summary>
    private sealed class Failing : IEnvironment
    {
        private float _number;

        public EnvironmentSpec Spec { get; } = new()
        {
            Name = "Failing",
            ObservationShape = [1],
            ElementType = ElementType.Single,
            ActionCount = 2,
        };

        public bool Fails { get; set; }

        public bool ShowsNaN { get; set; }

        public int Episodes { get; private set; }

        public void Reset(ulong? seed = null)
        {
            Episodes++;
            _number = 0;
        }

        public StepResult Step(int action)
        {
            _number++;
            return Fails ? throw new IOException("The simulator is gone.") : new StepResult(1, false, false);
        }

        public void Observe(Span<byte> observation) =>
            MemoryMarshal.Write(observation, ShowsNaN ? float.NaN : _number);

        public void Dispose()
        {
        }
    }

    private sealed class FailingNetwork(IQNetwork inner) : IQNetwork
    {
        public bool Fails { get; set; }

        public int ObservationBytes => inner.ObservationBytes;

        public int ActionCount => inner.ActionCount;

        public double LearningRate { get; set; } = 1;

        public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values) => inner.Evaluate(observations, values);

        public FitResult Fit(
            ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
            ReadOnlySpan<float> weights, Span<float> tdErrors) =>
            Fails ? throw new IOException("The device is lost.")
                : inner.Fit(observations, actions, targets, weights, tdErrors);

        public IQNetwork Clone() => inner.Clone();

        public void CopyParametersFrom(IQNetwork source) => inner.CopyParametersFrom(source);

        public StateDict GetStateDict() => inner.GetStateDict();

        public void LoadStateDict(StateDict stateDict) => inner.LoadStateDict(stateDict);

        public void SaveState(BinaryWriter writer) => inner.SaveState(writer);

        public void LoadState(BinaryReader reader) => inner.LoadState(reader);

        public void Dispose() => inner.Dispose();
    }
}
