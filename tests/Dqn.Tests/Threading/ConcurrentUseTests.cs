using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Serialization;
using Dqn.Tests.Agents;
using Dqn.Tests.Environments;
using Dqn.Tests.Networks;
using Dqn.Tests.Replay;
using Dqn.Tests.Training;
using Dqn.Training;

namespace Dqn.Tests.Threading;

/// <summary>What two threads get that use one thing at once: the right answer or an exception, never a wrong answer.</summary>
public class ConcurrentUseTests
{
    [Test]
    public void A_network_gives_right_values_or_throws([Values(1, 2)] int threads)
    {
        using QNetwork network = new(
            new CnnActionValue(4, 5, 44, 44), new Pcg64(1), new QNetworkOptions { Threads = threads },
            TestPool.ManyThreads);
        byte[] observations = LayerTests.Observations(network.Architecture, 8, new Random(1));
        float[][] expected = [.. Enumerable.Range(1, 8).Select(Evaluate)];
        Both(nameof(QNetwork), "Clone", 400, (thread, i) =>
        {
            int batch = 1 + (i + 3 * thread) % 8;
            Assert.That(Evaluate(batch), Is.EqualTo(expected[batch - 1]));
        });

        float[] Evaluate(int batch)
        {
            var values = new float[batch * 5];
            network.Evaluate(observations.AsSpan(0, batch * network.ObservationBytes), values);
            return values;
        }
    }

    [Test]
    public void A_network_learns_from_as_many_batches_as_were_taken()
    {
        using QNetwork network = Mlp(1), twin = Mlp(1);
        byte[] observations = LayerTests.Observations(network.Architecture, 16, new Random(1));
        int fits = Both(nameof(QNetwork), "Clone", 300, (_, _) => Fit(network));
        for (int i = 0; i < fits; i++)
            Fit(twin);
        Assert.That(PixelWalk.Hash(network), Is.EqualTo(PixelWalk.Hash(twin)));

        void Fit(QNetwork learner) => learner.Fit(observations, new int[16], new float[16], [], []);
    }

    [Test]
    public void Parameters_are_copied_whole_or_not_at_all()
    {
        using QNetwork one = Mlp(1), two = Mlp(2);
        string[] hashes = [PixelWalk.Hash(one), PixelWalk.Hash(two)];
        StateDict[] states = [one.GetStateDict(), two.GetStateDict()];
        using QNetwork source = one.Clone(), copy = one.Clone();
        Both(nameof(QNetwork), "Clone", 300, (thread, i) =>
        {
            if (thread == 0)
            {
                source.LoadStateDict(states[i % 2]);
                return;
            }

            copy.CopyParametersFrom(source);
            Assert.That(PixelWalk.Hash(copy), Is.AnyOf(hashes));
            using QNetwork clone = source.Clone();
            Assert.That(PixelWalk.Hash(clone), Is.AnyOf(hashes));
        });
    }

    [Test]
    public void A_replay_buffer_gives_right_samples_or_throws([Values] bool prioritized)
    {
        const int Bytes = 5000;
        IReplay buffer = prioritized ? new PrioritizedReplayBuffer(100, Bytes, 2) : new ReplayBuffer(100, Bytes, 2);
        new RandomEpisodes(buffer, new NaiveReplay(100), new Pcg64(5), 20).Play(150);
        var expected = new TransitionBatch(32, 2 * Bytes);
        buffer.Sample(new Pcg64(6), expected);
        TransitionBatch[] batches = [new(32, 2 * Bytes), new(32, 2 * Bytes)];
        Both(nameof(ReplayBuffer), "lane", 300, (thread, _) =>
        {
            TransitionBatch batch = batches[thread];
            buffer.Sample(new Pcg64(6), batch);
            Assert.That(batch.Ids.SequenceEqual(expected.Ids) && batch.Weights.SequenceEqual(expected.Weights));
            Assert.That(batch.Observations.SequenceEqual(expected.Observations));
            Assert.That(batch.NextObservations.SequenceEqual(expected.NextObservations));
        });
    }

    [Test]
    public void A_replay_buffer_keeps_each_step_that_it_took()
    {
        ReplayBuffer buffer = new(100_000, 4, 1, lanes: 2);
        var observation = new byte[4];
        buffer.Begin(observation, 0);
        buffer.Begin(observation, 1);
        int added = Both(nameof(ReplayBuffer), "lane", 20_000, (thread, _) =>
            buffer.Add(1, 0.5f, false, false, observation, thread));
        Assert.That(buffer.Count, Is.EqualTo(added));
    }

    [Test]
    public void An_agent_counts_each_step_and_update_that_it_made()
    {
        DqnOptions options = new() { WarmupSteps = 20, BufferCapacity = 5000, BatchSize = 8, UpdatePeriod = 4 };
        using DqnAgent agent = PixelWalk.Agent(options, threads: 2, seed: 3);
        new PixelWalk(agent).Go(40);
        long updates = agent.Updates, steps = agent.Steps;
        int learnt = Both(nameof(DqnAgent), "clones", 300, (_, _) => agent.Learn());
        Assert.That(agent.Updates, Is.EqualTo(updates + learnt));

        var observation = new byte[agent.Network.ObservationBytes];
        agent.Begin(observation);
        int observed = Both(nameof(DqnAgent), "clones", 300, (_, _) => agent.RecordAndLearn(0, 0, false, false, observation));
        Assert.That(agent.Steps, Is.EqualTo(steps + observed));
    }

    [Test]
    public void An_agent_chooses_the_right_action_or_throws()
    {
        EnvironmentSpec spec = new()
        {
            Name = "Numbers",
            ObservationShape = [30],
            ElementType = ElementType.Single,
            ActionCount = 3,
        };
        using DqnAgent agent = new(Mlp(1), spec, new DqnOptions { BufferCapacity = 10 }, seed: 1);
        Random random = new(1);
        byte[][] observations = [.. Enumerable.Range(0, 64).Select(_ =>
        {
            float[] numbers = [.. Enumerable.Range(0, 30).Select(_ => 20 * random.NextSingle() - 10)];
            return MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
        })];
        int[] expected = [.. observations.Select(observation => agent.ActGreedy(observation))];
        Assert.That(expected, Is.Not.All.EqualTo(expected[0]));
        Both(nameof(DqnAgent), "clones", 1000, (thread, i) =>
        {
            int which = (i + 3 * thread) % observations.Length;
            Assert.That(agent.ActGreedy(observations[which]), Is.EqualTo(expected[which]));
        });
    }

    [Test]
    public void A_vector_of_environments_steps_all_of_them_or_throws([Values(1, 3)] int threads)
    {
        CountingEnvironment[] environments = [.. Enumerable.Range(0, 3).Select(_ => new CountingEnvironment())];
        using VectorEnvironment vector = new(
            [.. environments], AutoresetMode.NextStep, threads, TestPool.ManyThreads, disposeOnFailure: false);
        vector.Reset(1);
        int steps = Both(nameof(VectorEnvironment), "one thread", 3000, (_, _) =>
        {
            var results = new StepResult[3];
            var observations = new byte[vector.ObservationBytes];
            vector.Step(new int[3], results, observations);
            Assert.That(results, Is.All.EqualTo(results[0]));
            Assert.That(observations, Is.All.EqualTo(observations[0]));
        });
        Assert.That(environments.Select(environment => environment.Frame), Is.All.EqualTo(steps));
    }

    [Test]
    public void An_evaluator_gives_the_right_result_or_throws()
    {
        using IEnvironment environment = SmallRun.Make("cartpole");
        Evaluator evaluator = new(environment, new EvaluationOptions { Episodes = 3 });
        EvaluationResult expected = evaluator.Evaluate((_, _) => 1);
        Both(nameof(Evaluator), "environments", 300, (_, _) =>
            Assert.That(evaluator.Evaluate((_, _) => 1).Episodes, Is.EqualTo(expected.Episodes)));
    }

    [Test]
    public void A_training_loop_yields_each_step_once_or_throws()
    {
        using DqnAgent agent = PixelWalk.Agent(
            new DqnOptions { WarmupSteps = 20, BufferCapacity = 500, BatchSize = 8 }, threads: 1, seed: 3);
        using IEnvironment environment = new CountingEnvironment(13, [1, 12, 12]).WithFrameStack(2);
        TrainingLoop loop = new(agent, environment, seed: 5);
        ConcurrentBag<long> numbers = [];
        int steps = Both(nameof(TrainingLoop), "loop", 1000, (_, _) => numbers.Add(loop.RunLazily().First().Number));
        Assert.That(numbers.Order(), Is.EqualTo(Enumerable.Range(1, steps)));
        Assert.That((loop.Steps, agent.Steps), Is.EqualTo(((long)steps, (long)steps)));
    }

    [Test]
    public void A_run_refuses_other_threads_while_it_makes_a_step()
    {
        using TemporaryFolder folder = new();
        using SmallRun small = new(folder.Path, "pixels");
        CallingSink sink = new(() => small.Run.AddSink(new CallingSink(() => { })));
        small.Run.AddSink(sink);
        Assert.That(small.Run.RunLazily().Take(100).Count(), Is.EqualTo(100));
        Assert.That(sink.Thrown, Is.Not.Empty.And.All.InstanceOf<InvalidOperationException>()
            .With.Property(nameof(Exception.Message)).StartWith("TrainingRun: expected one thread"));
    }

    private static QNetwork Mlp(ulong seed) => new(new MlpActionValue(30, 3, 64, 64), new Pcg64(seed));

    /// <summary>Has two threads do something again and again, at once. Returns how often it worked.</summary>
    /// <param name="type">What an exception may blame.</param>
    /// <param name="cure">A word that it says.</param>
    /// <param name="times">How often it has to have worked at least, and to have been tried by each.</param>
    /// <param name="action">By the number of the thread and of the time.</param>
    private static int Both(string type, string cure, int times, Action<int, int> action)
    {
        int worked = 0;
        using Barrier start = new(2);
        Task[] threads = [.. Enumerable.Range(0, 2).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                for (int i = 0; i < times || Volatile.Read(ref worked) < times; i++)
                {
                    try
                    {
                        action(thread, i);
                        Interlocked.Increment(ref worked);
                    }
                    catch (InvalidOperationException exception)
                    {
                        Assert.That(
                            exception.Message, Does.StartWith($"{type}: expected one thread at a time").And.Contain(cure));
                    }
                }
            },
            TaskCreationOptions.LongRunning))];
        Task.WaitAll(threads);
        return worked;
    }

    /// <summary>Calls something from another thread whenever it is written to, and keeps what that throws.</summary>
    private sealed class CallingSink(Action call) : IMetricSink
    {
        public List<Exception?> Thrown { get; } = [];

        public void Write(string name, long step, double value) => Thrown.Add(Task.Factory.StartNew(
            call, TaskCreationOptions.LongRunning).ContinueWith(task => task.Exception?.InnerException).Result);

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}
