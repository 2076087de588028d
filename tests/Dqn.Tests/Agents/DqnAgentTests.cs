using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public sealed class DqnAgentTests
{
    private static readonly DqnOptions Quick = new()
    {
        Epsilon = new EpsilonSchedule(1, 0.2, 400),
        BatchSize = 8,
        WarmupSteps = 20,
        BufferCapacity = 2000,
        TargetUpdatePeriod = 50,
    };

    [TestCase(false)]
    [TestCase(true)] // Recording, being due and learning in calls of their own.
    public void EveryStepIsTheNotebooks(bool apart)
    {
        const int States = 6, Actions = 3;
        using var agent = Agent(new TabularNetwork(States, Actions, 1, 0.1f), Quick, seed: 7);
        var twin = new NotebookDqn(States, Actions, 0.1f, 0.2, 400, 8, 20, 50, seed: 7);
        var world = new Pcg64(1);
        byte state = 0;
        agent.Begin([state]);
        for (int step = 0; step < 1000; step++)
        {
            int action = agent.Act([state]);
            Assert.That(action, Is.EqualTo(twin.Act(state)), $"action of step {step}");
            byte next = (byte)((state + action + world.Integer(2)) % States);
            float reward = next == 0 ? 1 : -0.1f;
            LearnResult? learnt = apart
                ? RecordAndLearn(agent, action, reward, next)
                : agent.RecordAndLearn(action, reward, false, false, [next]);
            twin.Process(state, action, reward, next);
            Assert.That(learnt.HasValue, Is.EqualTo(step >= 20));
            Assert.That(agent.Epsilon, Is.EqualTo(twin.Epsilon).Within(1e-12));
            Assert.That(((TabularNetwork)agent.Network).Table, Is.EqualTo(twin.Network.Cast<float>()), $"step {step}");
            state = next;
        }

        Assert.That((agent.Steps, agent.Updates), Is.EqualTo((1000, 980)));
    }

    [Test]
    public void AStateSavedAfterLearningApartIsThatOfTheJoinedCall()
    {
        byte[][] states = [.. new[] { false, true }.Select(apart =>
        {
            using var agent = Agent(new TabularNetwork(2, 2, 1, 0.1f), Quick with { TargetUpdatePeriod = 5, WarmupSteps = 2 }, seed: 7);
            agent.Begin([0]);
            for (int step = 1; step <= 10; step++) // The last one makes the target network follow.
            {
                byte next = (byte)(step % 2);
                _ = apart ? RecordAndLearn(agent, step % 2, step, next) : agent.RecordAndLearn(step % 2, step, false, false, [next]);
            }

            using var memory = new MemoryStream();
            using (var writer = new BinaryWriter(memory))
                agent.SaveState(writer);
            return memory.ToArray();
        })];
        Assert.That(states[1], Is.EqualTo(states[0]));
    }

    [Test]
    public void AnUpdateIsDueAfterTheWarmUpOncePerPeriod()
    {
        using var agent = Agent(new TabularNetwork(2, 2, 1, 0.1f), Quick with { WarmupSteps = 4, UpdatePeriod = 3 });
        agent.Begin([0]);
        var due = new List<long>();
        for (int step = 1; step <= 12; step++)
        {
            agent.Record(0, 0, false, false, [0]);
            if (agent.IsUpdateDue)
                due.Add(agent.Steps);
        }

        Assert.That(due, Is.EqualTo(new long[] { 6, 9, 12 }));
        Assert.That((agent.Steps, agent.Updates), Is.EqualTo((12, 0)), "recording learns nothing");
    }

    private static LearnResult? RecordAndLearn(DqnAgent agent, int action, double reward, byte next)
    {
        agent.Record(action, reward, false, false, [next]);
        return agent.IsUpdateDue ? agent.Learn() : null;
    }

    [TestCase(true, false, 2f)] // Terminated: the reward alone.
    [TestCase(false, true, 2f + 0.5f * 30)] // Truncated: the state after still has its value.
    [TestCase(true, true, 2f)]
    [TestCase(false, false, 2f + 0.5f * 30)]
    public void OnlyTerminationCutsTheBootstrap(bool terminated, bool truncated, float target)
    {
        var network = new TabularNetwork(2, 2, 1, 0.5f);
        (network.Table[2], network.Table[3]) = (10, 30);
        using var agent = Agent(network, Quick with { Discount = 0.5, WarmupSteps = 0 });
        agent.Begin([0]);
        LearnResult? learnt = agent.RecordAndLearn(1, 2, terminated, truncated, [1]);
        Assert.That(network.LastTargets, Is.All.EqualTo(target));
        Assert.That(learnt, Is.EqualTo(new LearnResult(target * target, 0, target, null)));
    }

    [TestCase(false, 5f)]
    [TestCase(true, 1f)]
    public void DoubleDqnLetsTheOnlineNetworkSelect(bool doubleDqn, float target)
    {
        var network = new TabularNetwork(2, 2, 1, 0.5f);
        (network.Table[2], network.Table[3]) = (1, 5);
        using var agent = Agent(network, Quick with { Discount = 1, WarmupSteps = 0, DoubleDqn = doubleDqn });
        (network.Table[2], network.Table[3]) = (9, 8); // Online now prefers action 0, whose target value is 1.
        agent.Begin([0]);
        agent.RecordAndLearn(0, 0, false, false, [1]);
        Assert.That(network.LastTargets, Is.All.EqualTo(target));
    }

    [Test]
    public void UpdatesAndSynchronisationsComeWhenTheyAreDue()
    {
        var network = new TabularNetwork(2, 1, 1, 0);
        using var agent = Agent(
            network, Quick with { Discount = 1, WarmupSteps = 10, UpdatePeriod = 4, TargetUpdatePeriod = 6 });
        agent.Begin([0]);
        for (int step = 1; step <= 40; step++)
        {
            network.Table.AsSpan().Fill(step);
            LearnResult? learnt = agent.RecordAndLearn(0, 0, false, false, [0]);
            bool due = step > 10 && step % 4 == 0;
            Assert.That(learnt.HasValue, Is.EqualTo(due), $"step {step}");

            // Synchronised after the update of the same step: the value learnt from is an earlier step's.
            if (due)
                Assert.That(network.LastTargets, Is.All.EqualTo((step - 1) / 6 * 6), $"step {step}");
        }

        Assert.That(network.Fits, Is.EqualTo(8));
        network.Table.AsSpan().Fill(77);
        agent.SynchronizeTarget();
        agent.Learn();
        Assert.That(network.LastTargets, Is.All.EqualTo(77));
    }

    [Test]
    public void ActsAtRandomInTheWarmupThenByEpsilonAndGreedilyWhenAsked()
    {
        const int Actions = 4, Draws = 20_000;
        var network = new TabularNetwork(1, Actions, 1, 0);
        network.Table[2] = network.Table[3] = 1;
        using var agent = Agent(
            network, Quick with { Epsilon = new EpsilonSchedule(0.4, 0.4), WarmupSteps = 1, BufferCapacity = 4 });
        agent.Begin([0]);
        Assert.That(Frequencies(), Is.All.EqualTo(0.25).Within(0.015));
        agent.RecordAndLearn(0, 0, false, false, [0]);
        double[] frequencies = Frequencies();
        Assert.That(frequencies, Is.EqualTo(new[] { 0.1, 0.1, 0.7, 0.1 }).Within(0.015));
        Assert.That(agent.ActGreedy([0]), Is.EqualTo(2));

        double[] Frequencies()
        {
            var counts = new double[Actions];
            for (int i = 0; i < Draws; i++)
                counts[agent.Act([0])] += 1.0 / Draws;
            return counts;
        }
    }

    [Test]
    public void LearnsAChain([Values] bool doubleDqn)
    {
        // Five states in a row; action 1 moves right, 0 left; the right end gives 1 and terminates.
        const int States = 6;
        var network = new TabularNetwork(States, 2, 1, 0.2f);
        using var agent = Agent(
            network, Quick with { Discount = 0.9, DoubleDqn = doubleDqn, Epsilon = new EpsilonSchedule(1, 0.5, 1000) });
        byte state = 0;
        agent.Begin([state]);
        for (int step = 0; step < 6000; step++)
        {
            int action = agent.Act([state]);
            state = (byte)Math.Max(0, state + (action == 1 ? 1 : -1));
            bool terminated = state == States - 1, truncated = !terminated && step % 50 == 49;
            agent.RecordAndLearn(action, terminated ? 1 : 0, terminated, truncated, [state]);
            if (terminated || truncated)
                agent.Begin([state = 0]);
        }

        for (byte s = 0; s < States - 1; s++)
        {
            Assert.That(agent.ActGreedy([s]), Is.EqualTo(1));
            Assert.That(network.Table[2 * s + 1], Is.EqualTo(Math.Pow(0.9, States - 2 - s)).Within(1e-3));
        }
    }

    [TestCase(0)]
    [TestCase(15)]
    [TestCase(333)]
    public void ALoadedAgentGoesOnAsTheSavedOne(int stepsBefore)
    {
        DqnOptions options = Quick with { BufferCapacity = 100, DoubleDqn = true };
        using var original = Agent(new TabularNetwork(9, 3, 4, 0.1f), options, stack: 4);
        var walk = new Walk(original);
        walk.Go(stepsBefore);
        var memory = new MemoryStream();
        original.SaveState(new BinaryWriter(memory));

        using var copy = Agent(new TabularNetwork(9, 3, 4, 0.1f), options, seed: 99, stack: 4);
        new Walk(copy).Go(44);
        copy.LoadState(new BinaryReader(new MemoryStream(memory.ToArray())));
        for (int i = 0; i < copy.Replay.SegmentCount; i++)
        {
            var segment = new MemoryStream();
            original.Replay.WriteSegment(i, segment);
            segment.Position = 0;
            if (copy.Replay.SegmentVersion(i) > 0)
                copy.Replay.ReadSegment(i, segment);
        }

        Assert.That((copy.Steps, copy.Updates), Is.EqualTo((original.Steps, original.Updates)));
        var copyWalk = walk.On(copy);
        Assert.That(copyWalk.Go(300), Is.EqualTo(walk.Go(300)));
        Assert.That(((TabularNetwork)copy.Network).Table, Is.EqualTo(((TabularNetwork)original.Network).Table));

        for (int length = 0; length < memory.Length; length += 7)
        {
            var cut = new BinaryReader(new MemoryStream(memory.ToArray()[..length]));
            Assert.That(() => copy.LoadState(cut), Throws.TypeOf<InvalidDataException>());
        }
    }

    [Test]
    public void NothingIsAllocatedInSteadyState()
    {
        using var agent = Agent(
            new TabularNetwork(9, 3, 4, 0.1f), Quick with { BufferCapacity = 100, DoubleDqn = true }, stack: 4);
        var walk = new Walk(agent);
        walk.Go(300);
        byte[] observation = [1, 1, 1, 1];
        agent.Begin(observation);
        Step();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 200; i++)
                Step();
        }), Is.Zero);

        void Step()
        {
            agent.RecordAndLearn(agent.Act(observation), 1, false, true, observation);
            agent.Begin(observation);
        }
    }

    [Test]
    public void BadInputIsNamed()
    {
        var network = new TabularNetwork(2, 3, 1, 0);
        var agent = Agent(network, Quick);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => new DqnAgent(network, Spec(4, 4), Quick, 0),
                Throws.ArgumentException.With.Message.Contains("4 bytes and 4 actions"));
            Assert.That(() => agent.RecordAndLearn(0, 0, false, false, [0]), Throws.InvalidOperationException);
            Assert.That(() => agent.Learn(), Throws.InvalidOperationException);
            Assert.That(() => agent.Act([0, 0]), Throws.ArgumentException);
            Assert.That(() => agent.ActGreedy([]), Throws.ArgumentException);
            Assert.That(() => agent.Begin([0, 0]), Throws.ArgumentException);
        });

        agent.Begin([0]);
        Assert.Multiple(() =>
        {
            Assert.That(
                () => agent.RecordAndLearn(3, 0, false, false, [0]),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 … 2"));
            Assert.That(() => agent.RecordAndLearn(-1, 0, false, false, [0]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => agent.RecordAndLearn(0, 1e300, false, false, [0]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => agent.RecordAndLearn(0, 0, false, false, [0, 1]), Throws.ArgumentException);
            Assert.That(agent.Steps, Is.Zero);
        });

        agent.Dispose();
        Assert.That(network.IsDisposed);
    }

    private static DqnAgent Agent(TabularNetwork network, DqnOptions options, ulong seed = 1, int stack = 1) =>
        new(network, Spec(stack, network.ActionCount), options, seed);

    private static EnvironmentSpec Spec(int stack, int actions) => new()
    {
        Name = "Table",
        ObservationShape = [stack, 1, 1],
        ElementType = ElementType.Byte,
        ActionCount = actions,
        StackedFrames = stack,
    };

    /// <summary>A random walk over nine states in short episodes, seen as stacks of four.</summary>
    private sealed class Walk(DqnAgent agent)
    {
        private readonly byte[] _observation = new byte[4];
        private int _step;

        /// <summary>Another agent in the same place.</summary>
        public Walk On(DqnAgent other)
        {
            var walk = new Walk(other) { _step = _step };
            _observation.CopyTo(walk._observation, 0);
            return walk;
        }

        public string Go(int steps)
        {
            var actions = new List<int>();
            for (int i = 0; i < steps; i++)
            {
                if (_step++ % 11 == 0)
                {
                    _observation.AsSpan().Fill((byte)(_step % 9));
                    agent.Begin(_observation);
                }

                int action = agent.Act(_observation);
                actions.Add(action);
                byte next = (byte)((_observation[3] + action * _step) % 9);
                _observation.AsSpan(1).CopyTo(_observation);
                _observation[3] = next;
                agent.RecordAndLearn(action, next, _step % 11 == 0 && _step % 2 == 0, _step % 11 == 0, _observation);
            }

            return string.Join(' ', actions);
        }
    }
}
