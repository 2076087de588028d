using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Agents;

/// <summary>The two halves of an agent, apart.</summary>
[TestFixture]
public sealed class ActorAndLearnerTests
{
    private static readonly DqnOptions s_options = new()
    {
        Environments = 3,
        WarmupSteps = 40,
        BufferCapacity = 600,
        BatchSize = 8,
        UpdatePeriod = 3,
        UpdatesPerPeriod = 2,
        TargetUpdatePeriod = 50,
        NStep = 2,
        EvaluationAverage = 0.9,
        Epsilon = new EpsilonSchedule(1, 0.1, 200) { Ladder = 3 },
        Architecture = new ActionValueOptions { LayerNorm = true },
    };

    [TestCase(false)]
    [TestCase(true)]
    public void Put_together_they_learn_to_the_bit_what_the_agent_learns(bool prioritized)
    {
        DqnOptions options = prioritized ? s_options with { Prioritized = new PrioritizedReplayOptions() } : s_options;
        using DqnAgent agent = DqnAgent.Create(Spec, options, seed: 5);
        var seeds = new Pcg64(5);
        using var agentTask = new VectorEnvironment(3, _ => new CartPoleEnvironment());
        using var partsTask = new VectorEnvironment(3, _ => new CartPoleEnvironment());

        QNetwork network = DqnAgent.CreateNetwork(Spec, options, seed: 5);
        var random = new Pcg64(AgentSeed(seeds, options));
        ulong sampling = random.NextUInt64();
        var buffer = new ReplayBuffer(600, Spec.FrameBytes, 1, lanes: 3);
        IReplay replay = prioritized ? new PrioritizedReplayBuffer(buffer, options.Prioritized!) : buffer;
        using var learner = new DqnLearner(network, replay, Spec, options, sampling);
        var actor = new DqnActor(network, Spec, options, random);

        var ofAgent = new Play(agentTask);
        var ofParts = new Play(partsTask);
        for (int round = 0; round < 150; round++)
        {
            ofAgent.Begin((observation, i) => agent.Begin(observation, i));
            ofParts.Begin((observation, i) =>
            {
                replay.Begin(observation, i);
                actor.Begin(i);
            });
            ofAgent.Act(actions => agent.Act(ofAgent.Observations, actions));
            ofParts.Act(actions => actor.Act(learner.Steps, ofParts.Observations, actions));
            for (int i = 0; i < 3; i++)
            {
                (int action, StepResult result, byte[] next) = ofAgent.Step(i);
                LearnResult? expected = agent.RecordAndLearn(action, result.Reward, result.Terminated, result.Truncated, next, i);
                (action, result, next) = ofParts.Step(i);
                replay.Add(action, (float)result.Reward, result.Terminated, result.Truncated, next, i);
                learner.CountStep();
                Assert.That(learner.LearnIfDue(), Is.EqualTo(expected));
            }
        }

        Assert.That((learner.Steps, learner.Updates, learner.Epsilon), Is.EqualTo((agent.Steps, agent.Updates, agent.Epsilon)));
        Assert.That(learner.Updates, Is.GreaterThan(200));
        Assert.That(PixelWalk.Hash(learner.Network), Is.EqualTo(PixelWalk.Hash(agent.Network)));
        Assert.That(PixelWalk.Hash(learner.EvaluationNetwork), Is.EqualTo(PixelWalk.Hash(agent.EvaluationNetwork)));
    }

    [Test]
    public void A_saved_learner_goes_on_as_it_would_have()
    {
        ReplayBuffer replay = Filled();
        using var learner = new DqnLearner(Network(), replay, Spec, s_options, seed: 9);
        Go(learner, 101);
        var memory = new MemoryStream();
        learner.SaveState(new BinaryWriter(memory));
        byte[][] segments = WriteSegments(replay);
        Go(learner, 77);

        using var resumed = new DqnLearner(Network(seed: 2), replay, Spec, s_options, seed: 1);
        memory.Position = 0;
        resumed.LoadState(new BinaryReader(memory));
        ReadSegments(replay, segments);
        Assert.That(resumed.Steps, Is.EqualTo(101));
        Go(resumed, 77);
        Assert.That((resumed.Steps, resumed.Updates), Is.EqualTo((learner.Steps, learner.Updates)));
        Assert.That(PixelWalk.Hash(resumed.Network), Is.EqualTo(PixelWalk.Hash(learner.Network)));
    }

    [Test]
    public void An_actor_of_some_environments_explores_as_those_do()
    {
        DqnOptions options = s_options with { WarmupSteps = 0, Epsilon = new EpsilonSchedule(0.5, 0.5) { Ladder = 20 } };
        using QNetwork network = Network();
        var most = new DqnActor(network, Spec, options, seed: 1, [0]);
        var least = new DqnActor(network, Spec, options, seed: 1, [2]);
        Assert.That(Explored(most), Is.EqualTo(500).Within(70), "ε/2 of the actions are the other one");
        Assert.That(Explored(least), Is.LessThan(10));

        int Explored(DqnActor actor)
        {
            var (observation, action, values, others) = (new byte[Spec.ObservationBytes], new int[1], new float[2], 0);
            network.Evaluate(observation, values);
            int greedy = values[1] > values[0] ? 1 : 0;
            for (int i = 0; i < 2_000; i++)
            {
                actor.Act(i, observation, action);
                others += action[0] == greedy ? 0 : 1;
            }

            return others;
        }
    }

    [Test]
    public void Where_all_are_valued_the_actions_are_the_same()
    {
        using QNetwork network = Network();
        var some = new DqnActor(network, Spec, s_options, seed: 3);
        var all = new DqnActor(network, Spec, s_options, seed: 3) { ValuesAll = true };
        var random = new Pcg64(1);
        var observations = new byte[3 * Spec.ObservationBytes];
        var (actions, expected, values) = (new int[3], new int[3], new float[6]);
        for (int step = 0; step < 500; step++)
        {
            Span<float> numbers = MemoryMarshal.Cast<byte, float>(observations.AsSpan());
            foreach (ref float number in numbers)
                number = (float)random.NextDouble() - 0.5f;
            some.Act(step, observations, expected);
            all.Act(step, observations, actions);
            network.Evaluate(observations, values);
            Assert.That(actions, Is.EqualTo(expected));
            Assert.That(all.Values.ToArray(), Is.EqualTo(values));
        }

        Assert.That(() => some.Values.Length, Throws.InvalidOperationException.With.Message.Contains("ValuesAll"));
    }

    [Test]
    public void What_does_not_go_together_is_refused()
    {
        using QNetwork network = Network();
        EnvironmentSpec other = Spec with { ActionCount = 3 };
        Assert.That(() => new DqnActor(network, other, s_options, 1), Throws.ArgumentException.With.Message.Contains("3 actions, got one"));
        Assert.That(
            () => new DqnActor(network, Spec, s_options, 1, [1, 3]),
            Throws.ArgumentException.With.Message.Contains("0 … 2").And.Message.Contains("[1, 3]"));
        Assert.That(() => new DqnActor(network, Spec, s_options, 1, []), Throws.ArgumentException.With.Message.Contains("got []"));
        Assert.That(
            () => new DqnLearner(network, Filled(), Spec, s_options with { Prioritized = new PrioritizedReplayOptions() }, 1),
            Throws.ArgumentException.With.Message.Contains("Prioritized"));
        Assert.That(
            () => new DqnLearner(network, new ReplayBuffer(100, 20, 1), Spec, s_options, 1),
            Throws.ArgumentException.With.Message.Contains("16 bytes per observation"));
    }

    private static EnvironmentSpec Spec { get; } = new CartPoleEnvironment().Spec;

    // Create draws the agent's seed after the network's parameters: the network made from the same stream says where it stands.
    private static ulong AgentSeed(Pcg64 random, DqnOptions options)
    {
        _ = new QNetwork(new MlpActionValue(4, 2, options.Architecture, 128, 128), random, options.Network);
        return random.NextUInt64();
    }

    private static QNetwork Network(ulong seed = 1) => DqnAgent.CreateNetwork(Spec, s_options, seed);

    private static byte[][] WriteSegments(IReplayState memory) =>
        [.. Enumerable.Range(0, memory.SegmentCount).Select(i =>
        {
            var stream = new MemoryStream();
            memory.WriteSegment(i, stream);
            return stream.ToArray();
        })];

    private static void ReadSegments(IReplayState memory, byte[][] segments)
    {
        for (int i = 0; i < segments.Length; i++)
            memory.ReadSegment(i, new MemoryStream(segments[i]));
    }

    private static void Go(DqnLearner learner, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            learner.CountStep();
            learner.LearnIfDue();
        }
    }

    private static ReplayBuffer Filled()
    {
        var replay = new ReplayBuffer(600, Spec.FrameBytes, 1, lanes: 3);
        var random = new Pcg64(1);
        var observation = new byte[Spec.ObservationBytes];
        for (int lane = 0; lane < 3; lane++)
        {
            replay.Begin(observation, lane);
            for (int i = 0; i < 100; i++)
            {
                BitConverter.TryWriteBytes(observation, (float)random.NextDouble());
                replay.Add(random.Integer(2), (float)random.NextDouble(), false, false, observation, lane);
            }
        }

        return replay;
    }

    /// <summary>Plays a vector as a training loop does.</summary>
    private sealed class Play(VectorEnvironment vector)
    {
        private readonly bool[] _begins = [true, true, true];
        private readonly int[] _actions = new int[3];
        private readonly StepResult[] _results = new StepResult[3];
        private bool _started;

        public byte[] Observations { get; } = new byte[vector.ObservationBytes];

        public delegate void Beginning(ReadOnlySpan<byte> observation, int environment);

        public void Begin(Beginning begin)
        {
            vector.Reset(_begins, _started ? null : 11);
            _started = true;
            vector.Observe(Observations);
            for (int i = 0; i < 3; i++)
            {
                if (_begins[i])
                    begin(Of(i), i);
                _begins[i] = false;
            }
        }

        public void Act(Action<int[]> act)
        {
            act(_actions);
            vector.Step(_actions, _results, Observations);
        }

        public (int Action, StepResult Result, byte[] Next) Step(int i)
        {
            _begins[i] = _results[i].Ended;
            return (_actions[i], _results[i], Of(i).ToArray());
        }

        private Span<byte> Of(int i) => Observations.AsSpan(i * vector.Spec.ObservationBytes, vector.Spec.ObservationBytes);
    }
}
