using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>Options that would be ignored, contradict or not fit are refused when an agent is made.</summary>
public sealed class ContradictionTests
{
    private static readonly EnvironmentSpec s_spec = new()
    {
        Name = "Numbers",
        ObservationShape = [4],
        ElementType = ElementType.Single,
        ActionCount = 2,
    };

    private static readonly QNetworkOptions s_learning = new() { MaxGradientNorm = 10, Threads = 1 };

    private static IEnumerable<TestCaseData> Ignored()
    {
        yield return Case(new DqnOptions { Network = new QNetworkOptions { MaxGradientNorm = 3 } }, "DqnOptions.Network");
        yield return Case(new DqnOptions { Architecture = new() { Dueling = true } }, "Architecture.Dueling");
        yield return Case(new DqnOptions { Architecture = new() { Noisy = true } }, "Architecture.Noisy");
        yield return Case(new DqnOptions { Architecture = new() { LayerNorm = true } }, "Architecture.LayerNorm");
        yield return Case(
            new DqnOptions { Architecture = new() { Distribution = new QuantileDistribution(3) } }, "Architecture.Distribution");
        yield return Case(new DqnOptions { ImportanceSteps = 100 }, "set ImportanceSteps to 0");
        yield return Case(new DqnOptions { Epsilon = new EpsilonSchedule { Ladder = 7 } }, "a ladder of 7: set it to 0");

        static TestCaseData Case(DqnOptions options, string named) => new TestCaseData(options, named).SetArgDisplayNames(named);
    }

    [TestCaseSource(nameof(Ignored))]
    public void What_would_be_ignored_is_refused(DqnOptions options, string named)
    {
        using QNetwork network = new(new MlpActionValue(4, 2, 8), new Pcg64(1), s_learning);
        Assert.That(
            () => new DqnAgent(network, s_spec, options, 1), Throws.ArgumentException.With.Message.Contains(named));
    }

    [Test]
    public void What_the_network_has_may_be_said()
    {
        ActionValueOptions architecture = new()
        {
            Dueling = true,
            Noisy = true,
            LayerNorm = true,
            Distribution = new CategoricalDistribution(0, 1, 3),
        };
        DqnOptions options = new() { Network = s_learning, Architecture = architecture, Prioritized = new(), ImportanceSteps = 9 };
        QNetwork network = new(new MlpActionValue(4, 2, architecture, 8), new Pcg64(1), s_learning);
        using DqnAgent said = new(network, s_spec, options, 1), silent = new(network.Clone(), s_spec, new DqnOptions(), 1);
        using DqnAgent made = DqnAgent.Create(s_spec, options, 1);
        Assert.That(made.Network.Options, Is.EqualTo(s_learning));
    }

    [Test]
    public void A_ladder_stands_on_the_first_schedule() => Assert.That(
        () => new EpsilonSchedule { Then = new EpsilonSchedule { Ladder = 7 } },
        Throws.ArgumentException.With.Message.Contains("Then: expected no Ladder there, got 7"));

    [Test]
    public void An_agent_that_would_not_fit_is_refused_with_both_numbers()
    {
        const long Gibibyte = 1 << 30;
        EnvironmentSpec words = s_spec with { ActionCount = 1_000 };
        DqnOptions options = new() { BufferCapacity = 1_000_000 }; // 25 bytes a frame, 4,012 of values
        Assert.Multiple(() =>
        {
            Assert.That(
                () => AgentMemory.Require(words, options, cachesTargets: true, Gibibyte),
                Throws.ArgumentException.With.Message.Contains("at most 1 GiB").And.Message.Contains("got one of 3.76 GiB")
                    .And.Message.Contains("set CacheTargetValues to false"));
            Assert.That(() => AgentMemory.Require(words, options, cachesTargets: false, Gibibyte), Throws.Nothing);
            Assert.That(() => AgentMemory.Require(words, options, cachesTargets: true, 4 * Gibibyte), Throws.Nothing);
            Assert.That(() => AgentMemory.Require(words, options, cachesTargets: true, 0), Throws.Nothing, "nobody knows");
            Assert.That(
                () => DqnAgent.Create(s_spec, new DqnOptions { BufferCapacity = 1L << 50 }, 1),
                Throws.ArgumentException.With.Message.Contains("lower BufferCapacity"));
        });
    }

    [Test]
    public void Values_need_not_be_kept()
    {
        string[] weights = [.. new[] { true, false }.Select(cached =>
        {
            using DqnAgent agent = PixelWalk.Agent(
                new DqnOptions { WarmupSteps = 20, BatchSize = 8, BufferCapacity = 100, CacheTargetValues = cached }, 1, 3);
            new PixelWalk(agent).Go(120);
            Assert.That(agent.TargetEvaluations, cached ? Is.LessThan(400) : Is.EqualTo(800));
            return PixelWalk.Hash(agent.Network);
        })];
        Assert.That(weights[1], Is.EqualTo(weights[0]));
    }

    [TestCase(0, 1)]
    [TestCase(0.9, 1)]
    [TestCase(0, 0.5)]
    [TestCase(0.9, 0.5)]
    public void After_loading_weights_the_evaluated_network_follows(double average, double risk)
    {
        ActionValueOptions architecture = new() { Distribution = new QuantileDistribution(4) };
        DqnOptions options = new() { EvaluationAverage = average, EvaluationRisk = risk, Architecture = architecture };
        using DqnAgent agent = DqnAgent.Create(s_spec, options, 1), other = DqnAgent.Create(s_spec, options, 2);
        agent.Network.LoadStateDict(other.Network.GetStateDict());
        agent.SynchronizeTarget();
        Assert.That(PixelWalk.Hash(agent.EvaluationNetwork), Is.EqualTo(PixelWalk.Hash(other.Network)));
    }
}
