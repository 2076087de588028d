using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>Numbers that are not finite are refused or end the training; none spreads in silence.</summary>
public sealed class DivergenceTests
{
    private static readonly EnvironmentSpec s_spec = new()
    {
        Name = "Numbers",
        ObservationShape = [9],
        ElementType = ElementType.Single,
        ActionCount = 2,
    };

    private static readonly DqnOptions s_quick = new()
    {
        BatchSize = 4,
        WarmupSteps = 4,
        BufferCapacity = 50,
        Network = new QNetworkOptions { Threads = 1 },
    };

    [TestCase(false)]
    [TestCase(true)]
    public void A_training_that_diverges_ends_with_step_and_cause(bool clipped)
    {
        DqnOptions options = s_quick with
        {
            Network = new QNetworkOptions
            {
                Threads = 1,
                Optimizer = new RmsPropOptions { LearningRate = 1e18 },
                MaxGradientNorm = clipped ? 10 : double.PositiveInfinity,
            },
        };
        using DqnAgent agent = DqnAgent.Create(s_spec, options, seed: 1);
        agent.Begin(Numbers(1));
        TrainingDivergedException exception = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (int i = 0; i < 100; i++)
                agent.RecordAndLearn(i % 2, 1, false, false, Numbers(i % 3));
        })!;
        Assert.That(exception.Step, Is.EqualTo(agent.Steps).And.InRange(5, 20));
        Assert.That(exception.Message, Does.Contain(exception.Quantity).And.Contain($"step {agent.Steps}"));
        Assert.That(exception.Message, Does.Contain("learning rate is too high").And.Contain("MaxGradientNorm"));
    }

    [TestCase(float.NaN, 0)]
    [TestCase(float.PositiveInfinity, 3)]
    [TestCase(float.NegativeInfinity, 8)]
    public void An_observation_that_is_not_finite_is_refused_and_nothing_has_changed(float value, int index)
    {
        using DqnAgent agent = DqnAgent.Create(s_spec, s_quick, seed: 1);
        Assert.That(
            () => agent.Begin(Numbers(1, index, value)),
            Throws.ArgumentException.With.Message.Contains($"as number {index}"));
        agent.Begin(Numbers(1));
        Assert.That(
            () => agent.RecordAndLearn(0, 0, false, true, Numbers(1, index, value)),
            Throws.ArgumentException.With.Message.Contains($"as number {index}"));
        Assert.That((agent.Steps, agent.Replay.Count), Is.EqualTo((0, 0)));
        agent.RecordAndLearn(0, 0, false, false, Numbers(2));
        Assert.That((agent.Steps, agent.Replay.Count), Is.EqualTo((1, 1)));
    }

    [Test]
    public void What_follows_the_end_of_a_task_may_be_broken(
        [Values] bool doubleDqn, [Values(0, 1, 2)] int distribution, [Values] bool cached)
    {
        DqnOptions options = s_quick with
        {
            DoubleDqn = doubleDqn,
            TargetUpdateRate = cached ? 1 : 0.5,
            Architecture = new ActionValueOptions
            {
                Distribution = distribution switch
                {
                    1 => new CategoricalDistribution(-1, 1, 5),
                    2 => new QuantileDistribution(3),
                    _ => null,
                },
            },
        };
        using DqnAgent agent = DqnAgent.Create(s_spec, options, seed: 1);
        for (int i = 0; i < 20; i++)
        {
            agent.Begin(Numbers(1));
            agent.RecordAndLearn(0, 0, false, false, Numbers(2));
            agent.RecordAndLearn(1, 1, true, false, Numbers(2, i % 9, float.NaN));
        }

        Assert.That(agent.Updates, Is.EqualTo(36));
        Assert.That(agent.Network.GetStateDict()["fc1.weight"].ToSingles(), Has.All.Not.NaN);

        // Nor is it kept: a saved buffer refuses numbers that are not finite.
        using DqnAgent copy = DqnAgent.Create(s_spec, options, seed: 2);
        using var state = new MemoryStream();
        agent.SaveState(new BinaryWriter(state));
        state.Position = 0;
        copy.LoadState(new BinaryReader(state));
        using var segment = new MemoryStream();
        agent.Replay.WriteSegment(0, segment);
        segment.Position = 0;
        copy.Replay.ReadSegment(0, segment);
        Assert.That(copy.Learn().Loss, Is.EqualTo(agent.Learn().Loss));
    }

    [Test]
    public void A_value_that_does_not_count_may_be_NaN()
    {
        const float NaN = float.NaN;
        float[] targets = new float[2], atoms = new float[6];
        new SingleValue().Targets([1, 2], [0, 0.5f], [NaN, 4], targets);
        Assert.That(targets, Is.EqualTo(new float[] { 1, 4 }));
        new QuantileDistribution(3).Targets([1, 2], [0, 0.5f], [NaN, 7, NaN, 2, 4, 6], atoms);
        Assert.That(atoms, Is.EqualTo(new float[] { 1, 1, 1, 3, 4, 5 }));
        new CategoricalDistribution(-1, 1, 3).Targets(
            [0.5f, 0], [0, 1], [NaN, NaN, NaN, 0.25f, 0.5f, 0.25f], atoms);
        Assert.That(atoms, Is.EqualTo(new float[] { 0, 0.5f, 0.5f, 0.25f, 0.5f, 0.25f }));
    }

    [Test]
    public void A_gradient_norm_is_there_only_where_it_was_computed()
    {
        foreach (double limit in new[] { double.PositiveInfinity, 10 })
        {
            DqnOptions options = s_quick with { Network = new QNetworkOptions { Threads = 1, MaxGradientNorm = limit } };
            using DqnAgent agent = DqnAgent.Create(s_spec, options, seed: 1);
            agent.Begin(Numbers(1));
            agent.RecordAndLearn(0, 1, false, false, Numbers(2));
            Assert.That(agent.Learn().GradientNorm, limit == 10 ? Is.GreaterThan(0) : Is.Null);
        }
    }

    [Test]
    public void The_first_number_that_is_not_finite_is_found_wherever_it_stands()
    {
        for (int length = 0; length < 40; length++)
        {
            var values = new float[length];
            values.AsSpan().Fill(float.MaxValue);
            Assert.That(Finite.IndexOfNotFinite(values), Is.EqualTo(-1));
            for (int i = length - 1; i >= 0; i--)
            {
                values[i] = i % 2 == 0 ? float.NaN : float.NegativeInfinity;
                Assert.That(Finite.IndexOfNotFinite(values), Is.EqualTo(i));
            }
        }
    }

    private static byte[] Numbers(float value, int index = 0, float? other = null)
    {
        var numbers = new float[9];
        numbers.AsSpan().Fill(value);
        numbers[index] = other ?? value;
        return MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
    }
}
