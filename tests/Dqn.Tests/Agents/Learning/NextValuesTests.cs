using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Tests.Agents;

/// <summary>Target values are computed once per synchronisation, and nothing else is different for it.</summary>
public sealed class NextValuesTests
{
    // A buffer that wraps around often, a target network that changes often: everything happens in a few hundred steps.
    private static readonly DqnOptions Quick = new()
    {
        WarmupSteps = 40,
        BatchSize = 16,
        BufferCapacity = 150,
        TargetUpdatePeriod = 37,
        Epsilon = new EpsilonSchedule(1, 0.1, 300),
    };

    [Test]
    public void TheSameLossesAndWeightsWithAndWithoutTheCache([Values] bool doubleDqn, [Values(1, 2)] int threads)
    {
        DqnOptions options = Quick with { DoubleDqn = doubleDqn };
        List<LearnResult> without = Train(isBatchInvariant: false, null, out string plainWeights, out int plain);
        List<LearnResult> with = Train(isBatchInvariant: true, null, out string weights, out int evaluated);
        List<LearnResult> resumed = Train(isBatchInvariant: true, 301, out string resumedWeights, out _);
        Assert.Multiple(() =>
        {
            Assert.That(with, Has.Count.EqualTo(600));
            Assert.That(with.Select(r => r.Loss), Is.All.GreaterThan(0));
            Assert.That(with, Is.EqualTo(without));
            Assert.That(weights, Is.EqualTo(plainWeights));
            Assert.That(resumed, Is.EqualTo(without), "an interruption empties the cache");
            Assert.That(resumedWeights, Is.EqualTo(plainWeights));
            Assert.That(plain, Is.EqualTo(600 * 16));
            Assert.That(evaluated, Is.LessThan(plain / 2).And.GreaterThan(600));
        });

        List<LearnResult> Train(bool isBatchInvariant, int? interruption, out string weights, out int evaluated)
        {
            ObservedNetwork network = Network(1);
            using DqnAgent first = new(network, PixelWalk.Spec, options, seed: 3);
            using DqnAgent second = new(Network(2), PixelWalk.Spec, options, seed: 4);
            var results = new List<LearnResult>();
            var walk = new PixelWalk(first);
            for (int step = 0; step < 640; step++)
            {
                if (step == interruption)
                {
                    Copy(first, second);
                    walk = walk.On(second);
                }

                if (walk.Step() is { } learnt)
                    results.Add(learnt);
            }

            weights = PixelWalk.Hash(interruption is null ? first.Network : second.Network);
            evaluated = network.TargetBatches.Sum();
            return results;

            ObservedNetwork Network(ulong seed) => new(PixelWalk.Network(threads, seed), isBatchInvariant);
        }
    }

    [Test]
    public void EachNextStateIsEvaluatedOncePerSynchronisation([Values] bool doubleDqn)
    {
        var network = new ObservedNetwork(new TabularNetwork(5, 2, 1, 0.1f), isBatchInvariant: true);
        using var agent = Agent(network, Quick with { WarmupSteps = 100, DoubleDqn = doubleDqn, BatchSize = 64 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 1, false, false, [1]);
        agent.Learn();
        Assert.That(network.TargetBatches, Is.EqualTo(new[] { 1 }), "one transition, drawn 64 times");
        agent.RecordAndLearn(0, 1, false, false, [2]);
        agent.RecordAndLearn(0, 1, true, false, [3]);
        agent.Learn();
        agent.Learn();
        Assert.That(network.TargetBatches, Is.EqualTo(new[] { 1, 1 }), "a new one and one that terminated");
        agent.SynchronizeTarget();
        agent.Learn();
        Assert.That(network.TargetBatches, Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [Test]
    public void ABatchOfTerminatedTransitionsNeedsNoNextState([Values] bool doubleDqn)
    {
        var table = new TabularNetwork(2, 2, 1, 0.1f);
        var network = new ObservedNetwork(table, isBatchInvariant: true);
        using var agent = Agent(network, Quick with { WarmupSteps = 0, DoubleDqn = doubleDqn });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 2.5, true, false, [1]);
        Assert.That(table.LastTargets, Is.All.EqualTo(2.5f));
        Assert.That(network.TargetBatches, Is.Empty);
    }

    [Test]
    public void OverwrittenTransitionsAreComputedAnew()
    {
        // One transition at a time, all of them in the same place of the cache.
        var table = new TabularNetwork(5, 1, 1, 0);
        for (int state = 0; state < 5; state++)
            table.Table[state] = state;
        using var agent = Agent(table, Quick with { WarmupSteps = 0, BufferCapacity = 1, Discount = 1 });
        agent.Begin([0]);
        for (byte step = 1; step < 30; step++)
        {
            agent.RecordAndLearn(0, 0, false, false, [(byte)(step % 5)]);
            Assert.That(table.LastTargets, Is.All.EqualTo(step % 5));
        }
    }

    [Test]
    public void AReplayBufferLoadedByItselfIsNotMistaken()
    {
        var table = new TabularNetwork(5, 1, 1, 0);
        table.Table[3] = 3;
        DqnOptions options = Quick with { WarmupSteps = 0, Discount = 1 };
        using DqnAgent agent = Agent(table, options), other = Agent(new TabularNetwork(5, 1, 1, 0), options);
        agent.Begin([0]);
        agent.RecordAndLearn(0, 0, false, false, [0]);
        Assert.That(table.LastTargets, Is.All.Zero);
        other.Begin([0]);
        other.RecordAndLearn(0, 0, false, false, [3]);
        CopyReplay(other, agent);
        agent.Learn();
        Assert.That(table.LastTargets, Is.All.EqualTo(3));
    }

    [Test]
    public void AnEvaluationThatFailsLeavesNothingBehind()
    {
        var table = new TabularNetwork(5, 1, 1, 0);
        table.Table[3] = 3;
        var network = new ObservedNetwork(table, isBatchInvariant: true);
        using var agent = Agent(network, Quick with { WarmupSteps = 1, Discount = 1 });
        agent.Begin([0]);
        agent.RecordAndLearn(0, 0, false, false, [3]);
        network.TargetFails = true;
        Assert.That(() => agent.Learn(), Throws.TypeOf<IOException>());
        agent.Learn();
        Assert.That(table.LastTargets, Is.All.EqualTo(3));
    }

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

    private static void Copy(DqnAgent from, DqnAgent to)
    {
        var memory = new MemoryStream();
        from.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        to.LoadState(new BinaryReader(memory));
        CopySegments(from, to);
    }

    private static void CopyReplay(DqnAgent from, DqnAgent to)
    {
        var memory = new MemoryStream();
        from.Replay.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        to.Replay.LoadState(new BinaryReader(memory));
        CopySegments(from, to);
    }

    private static void CopySegments(DqnAgent from, DqnAgent to)
    {
        for (int i = 0; i < to.Replay.SegmentCount; i++)
        {
            if (to.Replay.SegmentVersion(i) == 0)
                continue;
            var segment = new MemoryStream();
            from.Replay.WriteSegment(i, segment);
            segment.Position = 0;
            to.Replay.ReadSegment(i, segment);
        }
    }
}
