using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Tests.Agents;

/// <summary>Each option of the agent changes what it says, by numbers worked by hand.</summary>
public sealed class DqnVariantTests
{
    private static readonly DqnOptions Plain = new()
    {
        BatchSize = 1,
        WarmupSteps = 0,
        BufferCapacity = 50,
        Discount = 0.5,
        TargetUpdatePeriod = 1_000,
    };

    [Test]
    public void RewardsAreScaledForLearning()
    {
        var network = new TabularNetwork(2, 1, 1, 0);
        using var agent = Agent(network, Plain with { RewardScale = 0.25 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 6, true, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 1.5f }));
    }

    [Test]
    public void NStepReturnsSumRewards()
    {
        var network = new TabularNetwork(5, 1, 1, 0);
        network.Table[3] = 16;
        using var agent = Agent(network, Plain with { NStep = 3, WarmupSteps = 100, BatchSize = 64 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 1, false, false, [1]);
        agent.RecordAndLearn(0, 2, false, false, [2]);
        agent.RecordAndLearn(0, 4, false, false, [3]);
        agent.Learn();

        // From each of the three: what is left of the episode so far, then the value of where it stands.
        float[] expected = [1 + 1 + 1 + 2, 2 + 2 + 4, 4 + 8];
        Assert.That(network.LastTargets.Distinct(), Is.EquivalentTo(expected));
    }

    [Test]
    public void SoftUpdatesMoveTheTargetNetworkALittle()
    {
        var network = new TabularNetwork(1, 1, 1, 0);
        using var agent = Agent(
            network, Plain with { Discount = 1, TargetUpdatePeriod = 2, TargetUpdateRate = 0.25 });
        network.Table[0] = 8;
        agent.Begin([0]);
        float target = 0;
        for (int step = 1; step <= 9; step++)
        {
            agent.RecordAndLearn(0, 0, false, false, [0]);
            Assert.That(network.LastTargets, Is.EqualTo(new[] { target }), $"step {step}");
            if (step % 2 == 0)
                target += 0.25f * (8 - target);
        }

        agent.SynchronizeTarget();
        agent.Learn();
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 8f }), "synchronising makes them equal");
    }

    [Test]
    public void TheLearningRateFollowsItsSchedule()
    {
        var network = new TabularNetwork(1, 1, 1, 0.5f);
        using var agent = Agent(network, Plain with { LearningRate = new LearningRateSchedule(0.8, 0.4, 4) });
        agent.Begin([0]);
        foreach (double expected in new[] { 0.7, 0.6, 0.5, 0.4, 0.4 })
        {
            agent.RecordAndLearn(0, 0, false, false, [0]);
            Assert.That(network.LearningRate, Is.EqualTo(expected).Within(1e-12));
        }
    }

    [Test]
    public void WithoutAScheduleTheLearningRateIsTheNetworks()
    {
        var network = new TabularNetwork(1, 1, 1, 0.5f);
        using var agent = Agent(network, Plain);
        agent.Begin([0]);
        agent.RecordAndLearn(0, 0, false, false, [0]);
        Assert.That(network.LearningRate, Is.EqualTo(0.5));
    }

    [Test]
    public void TheAverageIsTheMeanOfAllUpdatesUntilThereAreEnough()
    {
        var network = new TabularNetwork(1, 1, 1, 0);
        using var agent = Agent(network, Plain with { EvaluationAverage = 0.75 });
        var average = (TabularNetwork)agent.EvaluationNetwork;
        agent.Begin([0]);
        float expected = 0;
        for (int update = 1; update <= 10; update++)
        {
            network.Table[0] = update * update;
            agent.RecordAndLearn(0, 0, false, false, [0]);
            expected += (update * update - expected) * (update < 4 ? 1f / update : 0.25f);
            Assert.That(average.Table[0], Is.EqualTo(expected).Within(1e-4), $"update {update}");
            Assert.That(network.Table[0], Is.EqualTo(update * update), "learning does not notice");
        }

        Assert.That(Agent(network, Plain).EvaluationNetwork, Is.SameAs(network), "there is none unless asked for");
    }

    [Test]
    public void TheAverageIsSaved()
    {
        DqnOptions options = Plain with { EvaluationAverage = 0.9 };
        var network = new TabularNetwork(1, 1, 1, 0);
        using var agent = Agent(network, options);
        agent.Begin([0]);
        foreach (float value in new[] { 3f, 5f })
        {
            network.Table[0] = value;
            agent.RecordAndLearn(0, 0, false, false, [0]);
        }

        var memory = new MemoryStream();
        agent.SaveState(new BinaryWriter(memory));
        using var copy = Agent(new TabularNetwork(1, 1, 1, 0), options);
        copy.LoadState(new BinaryReader(new MemoryStream(memory.ToArray())));
        Assert.That(((TabularNetwork)copy.EvaluationNetwork).Table[0], Is.EqualTo(4));
        Assert.That(((TabularNetwork)copy.Network).Table[0], Is.EqualTo(5));
    }

    [TestCase(0)]
    [TestCase(0.5)]
    public void WhatIsEvaluatedMayShunRisks(double average)
    {
        // In both states action 0 has the higher mean, action 1 the better worst case.
        var network = new TabularDistributions(2, 2, new QuantileDistribution(2));
        float[] table = [0, 10, /**/ 3, 4, /*state 1*/ 0, 10, /**/ 3, 4];
        table.CopyTo(network.Table, 0);
        using var agent = Agent(network, Plain with { EvaluationAverage = average, EvaluationRisk = 0.5, Discount = 1 });
        float[] values = new float[2];
        agent.EvaluationNetwork.Evaluate([1], values);
        Assert.That(values, Is.EqualTo(new[] { 0f, 3f }));
        agent.Begin([0]);
        Assert.That(agent.Act([0]), Is.Zero, "acting does not notice");
        agent.RecordAndLearn(0, 1, false, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 1f, 11f }), "nor does learning");

        // It follows the network: at once, or as the average.
        network.Table[2] = 8;
        agent.RecordAndLearn(0, 1, false, false, [1]);
        agent.EvaluationNetwork.Evaluate([0], values);
        Assert.That(values[1], Is.EqualTo(average == 0 ? 8 : (3 + 8) / 2f));
    }

    [Test]
    public void ShunningRisksIsForQuantiles()
    {
        Assert.That(
            () => Agent(new TabularNetwork(1, 1, 1, 0), Plain with { EvaluationRisk = 0.5 }),
            Throws.ArgumentException.With.Message.Contains("QuantileDistribution").And.Message.Contains("SingleValue"));
        Assert.That(
            () => Agent(new TabularDistributions(1, 1, new CategoricalDistribution(0, 1, 2)), Plain with { EvaluationRisk = 0.5 }),
            Throws.ArgumentException.With.Message.Contains("CategoricalDistribution"));
    }

    [Test]
    public void MunchausenRewardsLikelyActionsAndTakesSoftValues()
    {
        // q = (ln 1, ln 3) with a temperature of 1: the policy is (1/4, 3/4), the soft maximum ln 4.
        var network = new TabularNetwork(2, 2, 1, 0);
        float[] values = [0, MathF.Log(3), 0, MathF.Log(3)];
        values.CopyTo(network.Table, 0);
        var options = new MunchausenOptions { Scale = 0.5, Temperature = 1, LogPolicyFloor = -1 };
        using var agent = Agent(network, Plain with { Munchausen = options });
        agent.Begin([0]);
        agent.RecordAndLearn(1, 2, false, false, [1]);
        Assert.That(network.LastTargets[0], Is.EqualTo(2 + 0.5 * Math.Log(0.75) + 0.5 * Math.Log(4)).Within(1e-6));
        agent.Begin([0]);
        using var other = Agent(network, Plain with { Munchausen = options });
        other.Begin([0]);
        other.RecordAndLearn(0, 2, true, false, [1]);
        Assert.That(network.LastTargets[0], Is.EqualTo(2 - 0.5).Within(1e-6), "ln ¼ counts −1; terminated");
    }

    [Test]
    public void MunchausenIsAnAlternativeToDouble() => Assert.That(
        () => Agent(new TabularNetwork(1, 1, 1, 0), Plain with { DoubleDqn = true, Munchausen = new() }),
        Throws.ArgumentException.With.Message.Contains("DoubleDqn"));

    [Test]
    public void AdvantageLearningLowersWhatTheTargetNetworkWouldNotDo()
    {
        // In state 0 the target network prefers action 1 by 4.
        var network = new TabularNetwork(2, 2, 1, 0);
        float[] values = [1, 5, 6, 2];
        values.CopyTo(network.Table, 0);
        using var agent = Agent(network, Plain with { AdvantageLearning = 0.75 });
        agent.Begin([0]);
        agent.RecordAndLearn(1, 2, false, false, [1]);
        Assert.That(network.LastTargets[0], Is.EqualTo(2 + 0.5f * 6), "the best one keeps its value");
        agent.Begin([0]);
        using var other = Agent(network, Plain with { AdvantageLearning = 0.75 });
        other.Begin([0]);
        other.RecordAndLearn(0, 2, false, false, [1]);
        Assert.That(network.LastTargets[0], Is.EqualTo(2 - 0.75f * 4 + 0.5f * 6));
    }

    [Test]
    public void AdvantageLearningShiftsAllQuantiles()
    {
        // In state 0 the means are 2 and 3.
        var network = new TabularDistributions(2, 2, new QuantileDistribution(2));
        float[] before = [1, 3, /**/ 0, 6, /*state 1*/ 0, 0, /**/ 0, 0];
        before.CopyTo(network.Table, 0);
        using var agent = Agent(network, Plain with { AdvantageLearning = 0.5 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 1, true, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 0.5f, 0.5f }));
    }

    [Test]
    public void AdvantageLearningWidensGapsByOneOverOneMinusAlpha()
    {
        // One state in which action 1 gives 1 and action 0 gives 0.5, for ever: Q* = 2 and 1.5.
        var network = new TabularNetwork(1, 2, 1, 0.2f);
        using var agent = Agent(
            network, Plain with { AdvantageLearning = 0.75, TargetUpdatePeriod = 1, Epsilon = new EpsilonSchedule(1, 1, 1) });
        agent.Begin([0]);
        for (int step = 0; step < 4_000; step++)
        {
            int action = agent.Act([0]);
            agent.RecordAndLearn(action, action == 1 ? 1 : 0.5, false, false, [0]);
        }

        Assert.That(network.Table, Is.EqualTo(new[] { 2 - 0.5f / 0.25f, 2 }).Within(1e-3));
    }

    [Test]
    public void AdvantageLearningIsAnAlternativeToMunchausen() => Assert.That(
        () => Agent(new TabularNetwork(1, 1, 1, 0), Plain with { AdvantageLearning = 0.9, Munchausen = new() }),
        Throws.ArgumentException.With.Message.Contains("AdvantageLearning"));

    [TestCase(false, new[] { 1 + 0.5f * 0, 1 + 0.5f * 6 })]
    [TestCase(true, new[] { 1 + 0.5f * 1, 1 + 0.5f * 3 })]
    public void QuantilesOfTheNextActionAreShifted(bool doubleDqn, float[] expected)
    {
        // In state 1 the target network's means are 2 and 3; the online network by then prefers action 0.
        var network = new TabularDistributions(2, 2, new QuantileDistribution(2));
        float[] before = [0, 0, 0, 0, /*state 1*/ 1, 3, /**/ 0, 6];
        before.CopyTo(network.Table, 0);
        using var agent = Agent(network, Plain with { DoubleDqn = doubleDqn });
        network.Table[4] = 100;
        agent.Begin([0]);
        agent.RecordAndLearn(0, 1, false, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(expected));
        agent.Begin([0]);
        agent.RecordAndLearn(0, 1, true, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(expected).Or.EqualTo(new[] { 1f, 1 }));
    }

    [Test]
    public void ProbabilitiesOfTheNextActionAreProjected()
    {
        // −1, 0 and 1 with 0.2, 0.3 and 0.5 become 0, ½ and 1.
        var network = new TabularDistributions(2, 1, new CategoricalDistribution(-1, 1, 3));
        float[] table = [1, 0, 0, /*state 1*/ 0.2f, 0.3f, 0.5f];
        table.CopyTo(network.Table, 0);
        using var agent = Agent(network, Plain);
        agent.Begin([0]);
        agent.RecordAndLearn(0, 0.5, false, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 0, 0.35f, 0.65f }).Within(1e-6));
        using var other = Agent(network, Plain);
        other.Begin([0]);
        other.RecordAndLearn(0, 0.5, true, false, [1]);
        Assert.That(network.LastTargets, Is.EqualTo(new[] { 0, 0.5f, 0.5f }).Within(1e-6), "terminated");
    }

    [Test]
    public void NoiseIsDrawnForEachActionAndUpdateAndNotForGreedyActions()
    {
        var network = new TabularDistributions(2, 1, new QuantileDistribution(1));
        using var agent = Agent(network, Plain with { Epsilon = new EpsilonSchedule(0, 0, 1) });
        agent.Begin([0]);
        agent.Act([0]);
        Assert.That((network.NoiseDraws, network.IsNoisy), Is.EqualTo((1, true)));
        agent.ActGreedy([0]);
        Assert.That((network.NoiseDraws, network.IsNoisy), Is.EqualTo((1, false)));
        agent.RecordAndLearn(0, 1, false, false, [1]);
        Assert.That((network.NoiseDraws, network.IsNoisy), Is.EqualTo((2, true)));
        Assert.That(network.Clones.Single().NoiseDraws, Is.EqualTo(1), "the target network's own");
    }

    [Test]
    public void MunchausenIsForValuesAndQuantiles() => Assert.That(
        () => Agent(new TabularDistributions(1, 1, new CategoricalDistribution(0, 1)), Plain with { Munchausen = new() }),
        Throws.ArgumentException.With.Message.Contains("CategoricalDistribution"));

    [Test]
    public void MunchausenMixesQuantilesByThePolicy()
    {
        // In state 1 the means are 1 and 1 + ln 3: with τ = 1 the policy is ¼ and ¾.
        var network = new TabularDistributions(2, 2, new QuantileDistribution(2));
        float ln3 = MathF.Log(3);
        float[] table = [0, 0, 0, 0, /*state 1*/ 0, 2, /**/ ln3 - 3, ln3 + 5];
        table.CopyTo(network.Table, 0);
        var munchausen = new MunchausenOptions { Temperature = 1, Scale = 0.5 };
        using var agent = Agent(network, Plain with { Munchausen = munchausen, Discount = 1 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 7, false, false, [1]);

        // r₁ + ½ ln ½, then Σ π (z − ln π) for each quantile.
        double reward = 7 + 0.5 * Math.Log(0.5), entropy = 0.25 * Math.Log(4) + 0.75 * Math.Log(4 / 3.0);
        double[] expected =
        [
            reward + 0.25 * 0 + 0.75 * (ln3 - 3) + entropy, reward + 0.25 * 2 + 0.75 * (ln3 + 5) + entropy,
        ];
        Assert.That(network.LastTargets, Is.EqualTo(expected).Within(1e-5));
    }

    [Test]
    public void PrioritizedReplayDrawsWhatSurprisedAndWeighsIt()
    {
        var network = new TabularNetwork(5, 1, 1, 0) { RecordsBatches = true };
        var options = Plain with { WarmupSteps = 100, BatchSize = 32, Prioritized = new PrioritizedReplayOptions() };
        using var agent = Agent(network, options);
        agent.Begin([0]);
        for (byte state = 0; state < 4; state++)
            agent.RecordAndLearn(0, state == 2 ? 100 : 0.01, state == 3, false, [(byte)(state + 1)]);
        agent.Learn();
        Assert.That(network.Last.Weights, Is.All.EqualTo(1), "all are new and alike");
        agent.Learn();
        int surprising = network.Last.Observations.Count(state => state == 2);
        Assert.That(surprising, Is.GreaterThan(26));
        for (int i = 0; i < 32; i++)
            Assert.That(network.Last.Weights[i], network.Last.Observations[i] == 2 ? Is.LessThan(0.3) : Is.GreaterThan(0.9));
        using var plain = Agent(network, options with { Prioritized = null });
        plain.Begin([0]);
        plain.RecordAndLearn(0, 1, true, false, [1]);
        plain.Learn();
        Assert.That(network.Last.Weights, Is.Empty);
    }

    [Test]
    public void ImportanceGrowsToOne()
    {
        DqnOptions options = Plain with { Prioritized = new() { ImportanceExponent = 0.4 }, ImportanceSteps = 1000 };
        Assert.That(options.ImportanceExponentAt(0), Is.EqualTo(0.4));
        Assert.That(options.ImportanceExponentAt(500), Is.EqualTo(0.7).Within(1e-12));
        Assert.That(options.ImportanceExponentAt(5000), Is.EqualTo(1));
        Assert.That((options with { ImportanceSteps = 0 }).ImportanceExponentAt(5000), Is.EqualTo(0.4));
        Assert.That(Plain.ImportanceExponentAt(1), Is.Null);
    }

    [Test]
    public void HalfOfTheTransitionsAreMirrored()
    {
        // An observation of two pixels; the state is the last one. Mirrored, action 0 is action 2.
        var network = new TabularNetwork(5, 3, 2, 0) { RecordsBatches = true };
        network.Table[4 * 3] = 8; // what the mirrored next observation is worth
        using var agent = new DqnAgent(
            network, Pixels(1, 2), Plain with { WarmupSteps = 9, BatchSize = 64, MirrorActions = [2, 1, 0] }, seed: 1);
        agent.Begin([1, 2]);
        agent.RecordAndLearn(0, 3, false, false, [4, 0]);
        agent.Learn();
        int mirrored = 0;
        for (int i = 0; i < 64; i++)
        {
            bool isMirrored = network.Last.Actions[i] == 2;
            mirrored += isMirrored ? 1 : 0;
            Assert.That(
                network.Last.Observations[(2 * i)..(2 * i + 2)],
                Is.EqualTo(isMirrored ? new byte[] { 2, 1 } : new byte[] { 1, 2 }));
            Assert.That(network.LastTargets[i], Is.EqualTo(isMirrored ? 3 + 0.5f * 8 : 3));
        }

        Assert.That(mirrored, Is.InRange(20, 44));
    }

    [Test]
    public void ObservationsAreShifted()
    {
        var network = new TabularNetwork(10, 1, 9, 0) { RecordsBatches = true };
        for (int state = 0; state < 10; state++)
            network.Table[state] = state;
        using var agent = new DqnAgent(
            network, Pixels(3, 3), Plain with { WarmupSteps = 9, BatchSize = 200, RandomShift = 1 }, seed: 1);
        agent.Begin([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        agent.RecordAndLearn(0, 0, false, false, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        agent.Learn();
        var shifted = Enumerable.Range(0, 200).Select(i => string.Concat(network.Last.Observations[(9 * i)..(9 * i + 9)]));
        Assert.That(shifted.Distinct().Count(), Is.EqualTo(9));
        Assert.That(shifted, Does.Contain("123456789").And.Contain("566899899"));
        Assert.That(network.LastTargets.Distinct(), Is.EquivalentTo(new[] { 2.5f, 3, 4, 4.5f }), "the next ones too");
    }

    [Test]
    public void AugmentationThatDoesNotFitIsRefused() => Assert.Multiple(() =>
    {
        var network = new TabularNetwork(5, 3, 2, 0);
        Assert.That(
            () => Agent(network, Plain with { RandomShift = 1 }), Throws.ArgumentException);
        Assert.That(
            () => new DqnAgent(network, Pixels(1, 2), Plain with { RandomShift = 1 }, 1),
            Throws.ArgumentException.With.Message.Contains("1 × 2 pixels"));
        foreach (int[] actions in new int[][] { [0, 1], [1, 2, 0], [0, 1, 3] })
        {
            Assert.That(
                () => new DqnAgent(network, Pixels(1, 2), Plain with { MirrorActions = [.. actions] }, 1),
                Throws.ArgumentException.With.Message.Contains("pairs"));
        }
    });

    [Test]
    public void DistributionsAreLearnt([Values] bool quantiles, [Values] bool doubleDqn, [Values] bool noisy)
    {
        // State 0 leads to state 1, which ends with 1 or 3, each half of the time; γ is ½.
        ValueDistribution distribution = quantiles
            ? new QuantileDistribution(4) : new CategoricalDistribution(0, 4, 5);
        var architecture = new MlpActionValue(
            1, 2, new ActionValueOptions { Distribution = distribution, Noisy = noisy }, 16);
        var network = new QNetwork(
            architecture, new Pcg64(1),
            new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 0.01 }, Threads = 1 });
        var spec = new EnvironmentSpec
        {
            Name = "Two",
            ObservationShape = [1],
            ElementType = ElementType.Single,
            ActionCount = 2,
        };
        using var agent = new DqnAgent(
            network, spec, Plain with { DoubleDqn = doubleDqn, BatchSize = 32, TargetUpdatePeriod = 50, WarmupSteps = 50 },
            seed: 1);
        byte[] zero = BitConverter.GetBytes(0f), one = BitConverter.GetBytes(1f);
        for (int i = 0; i < 600; i++)
        {
            agent.Begin(zero);
            agent.RecordAndLearn(i % 2, 0, false, false, one);
            agent.RecordAndLearn(i / 2 % 2, i / 4 % 2 == 0 ? 1 : 3, true, false, zero);
        }

        network.ClearNoise();
        var values = new float[4];
        network.Evaluate([.. zero, .. one], values);
        Assert.That(values, Is.EqualTo(new[] { 1f, 1, 2, 2 }).Within(0.25));
        var distributions = new float[2 * distribution.Atoms];
        network.EvaluateDistributions(one, distributions);
        float[] first = distributions[..distribution.Atoms];

        // Huber's loss, as wide as half the gap, draws the quantile at τ < ½ from 1 to 1 + τ / (1 − τ).
        if (quantiles)
            Assert.That(first.Order(), Is.EqualTo(new[] { 1.143f, 1.6f, 2.4f, 2.857f }).Within(0.25));
        else
            Assert.That(first, Is.EqualTo(new[] { 0, 0.5f, 0, 0.5f, 0 }).Within(0.12));
    }

    [Test]
    public void NoiseExploresAndGreedyActionsHaveNone()
    {
        var network = new QNetwork(
            new MlpActionValue(1, 4, new ActionValueOptions { Noisy = true }, 8), new Pcg64(1),
            new QNetworkOptions { Threads = 1 });
        var spec = new EnvironmentSpec
        {
            Name = "One",
            ObservationShape = [1],
            ElementType = ElementType.Single,
            ActionCount = 4,
        };
        using var agent = new DqnAgent(network, spec, Plain with { Epsilon = new EpsilonSchedule(0, 0) }, seed: 1);
        byte[] observation = BitConverter.GetBytes(1f);
        agent.Begin(observation);
        Assert.That(Enumerable.Range(0, 100).Select(_ => agent.Act(observation)).Distinct().Count(), Is.GreaterThan(1));
        Assert.That(Enumerable.Range(0, 100).Select(_ => agent.ActGreedy(observation)).Distinct().Count(), Is.EqualTo(1));
    }

    private static EnvironmentSpec Pixels(int height, int width) => new()
    {
        Name = "Pixels",
        ObservationShape = [1, height, width],
        ElementType = ElementType.Byte,
        ActionCount = height == 3 ? 1 : 3,
    };

    private static DqnAgent Agent(IQNetwork network, DqnOptions options) => new(
        network,
        new EnvironmentSpec
        {
            Name = "Table",
            ObservationShape = [1],
            ElementType = ElementType.Byte,
            ActionCount = network.ActionCount,
        },
        options, seed: 1);
}
