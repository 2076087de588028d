using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Tests.Training;
using Dqn.Training;

namespace Dqn.Tests.Agents.Pqn;

/// <summary>A PQN agent in a whole training run: evaluation, metrics, checkpoints, and going on from them.</summary>
public sealed class PqnRunTests
{
    private const int Steps = 400, N = 3, T = 8;

    private static readonly PqnOptions s_options = new()
    {
        Environments = N,
        RolloutSteps = T,
        BatchSize = 6,
        Epsilon = new EpsilonSchedule(1, 0.2, 200) { Ladder = 7 },
        ExplorationDuration = new ExplorationDuration(1.5, 12),
        RewardScale = 0.5,
        EvaluationAverage = 0.9,
        LearningRate = new LearningRateSchedule(0.001, 0.0001, 300),
        Network = new PqnOptions().Network with { Threads = 1 },
    };

    // 24 steps are a rollout: interrupted between two of them, within one, within a step of all environments.
    [TestCase("pixels", new[] { 1, 24, 37, 72, 100, 255, 399 }, false)]
    [TestCase("pixels", new[] { 25, 140, 241 }, true)]
    [TestCase("game", new[] { 10, 48, 90, 255 }, false)]
    [TestCase("game", new[] { 61, 140, 255 }, true)]
    public void A_resumed_run_equals_an_uninterrupted_one_bit_for_bit(string task, int[] interruptions, bool killed)
    {
        using var folder = new TemporaryFolder();
        Train(folder["whole"], task, null, killed);
        foreach (int step in interruptions)
            Train(folder["parts"], task, step, killed);
        Train(folder["parts"], task, null, killed);
        Assert.That(SmallRun.Remains(folder["parts"]), Is.EqualTo(SmallRun.Remains(folder["whole"])));
    }

    [Test]
    public void A_saved_state_goes_on_as_the_agent_would_also_within_a_step_of_all_environments()
    {
        using VectorEnvironment environments = Environments("pixels");
        using PqnAgent agent = Agent("pixels"), other = Agent("pixels");
        var loop = new TrainingLoop(agent, environments, seed: 3);
        loop.Run(2 * N * T + 5 * N + 1);
        byte[] state = Save(agent);
        Load(other, state);
        Assert.That(Save(other), Is.EqualTo(state));
        Assert.That((other.Steps, other.Updates), Is.EqualTo((agent.Steps, agent.Updates)));
    }

    [Test]
    public void A_damaged_state_is_refused()
    {
        using VectorEnvironment environments = Environments("game");
        using PqnAgent agent = Agent("game"), other = Agent("game");
        new TrainingLoop(agent, environments, seed: 3).Run(N * T + 7);
        byte[] state = Save(agent);
        for (int length = 0; length < state.Length; length += 7)
            Assert.That(() => Load(other, state[..length]), Throws.TypeOf<InvalidDataException>(), $"cut to {length}");
        var random = new Random(1);
        for (int i = 0; i < 100; i++)
        {
            byte[] damaged = [.. state];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                Load(other, damaged);
                new TrainingLoop(other, environments, seed: 3).Run(N * T); // what could be loaded can be used
            }
            catch (Exception exception) when (exception is InvalidDataException or TrainingDivergedException)
            {
            }
        }

        Load(other, state);
        Assert.That(Save(other), Is.EqualTo(state));
    }

    [Test]
    public void Other_options_do_not_resume_a_run()
    {
        using var folder = new TemporaryFolder();
        Train(folder["run"], "game", 100, killed: false);
        using PqnAgent agent = Agent("game", s_options with { Lambda = 0.9 });
        using VectorEnvironment environments = Environments("game");
        using IEnvironment unseen = SmallRun.Make("game");
        using TrainingRun run = Run(folder["run"], agent, environments, unseen);
        Assert.That(run.Resume, Throws.InvalidOperationException.With.Message.Contains("lambda"));
    }

    private static void Train(string folder, string task, int? stopAt, bool killed)
    {
        using PqnAgent agent = Agent(task);
        using VectorEnvironment environments = Environments(task);
        using IEnvironment unseen = SmallRun.Make(task);
        using TrainingRun run = Run(folder, agent, environments, unseen);
        run.Resume();
        using var cancellation = new CancellationTokenSource();
        if (!killed && run.Steps >= stopAt - 1)
            cancellation.Cancel();
        foreach (TrainingEvent happened in run.RunLazily(cancellation.Token))
        {
            if (happened.Step.Number >= stopAt && killed)
                return;
            if (!killed && run.Steps >= stopAt - 1)
                cancellation.Cancel();
        }

        Assert.That(run.Steps, Is.EqualTo(stopAt ?? Steps));
    }

    private static TrainingRun Run(string folder, PqnAgent agent, VectorEnvironment environments, IEnvironment unseen) => new(
        new TrainingRunOptions
        {
            Folder = folder,
            TotalSteps = Steps,
            Seed = 3,
            EvaluationInterval = 70,
            CheckpointInterval = 40,
            MetricInterval = 25,
        },
        agent, environments, new Evaluator(unseen, new EvaluationOptions { Episodes = 3, Epsilon = 0.05 }));

    private static VectorEnvironment Environments(string task) => new(N, _ => SmallRun.Make(task), threads: 1);

    private static PqnAgent Agent(string task, PqnOptions? options = null)
    {
        options ??= s_options;
        using IEnvironment environment = SmallRun.Make(task);
        EnvironmentSpec spec = environment.Spec;
        if (spec.ElementType == ElementType.Single)
            return PqnAgent.Create(spec, options, seed: 5);
        var architecture = new Sequential(
            [.. spec.ObservationShape], pixels: true,
            [
                new Flatten(), new Linear("fc1", 8), new LayerNorm("fc1_norm"), new Relu(),
                new Linear("fc2", spec.ActionCount),
            ]);
        return new PqnAgent(new QNetwork(architecture, new Pcg64(5), options.Network), spec, options, seed: 6);
    }

    private static byte[] Save(PqnAgent agent)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream))
            agent.SaveState(writer);
        return stream.ToArray();
    }

    private static void Load(PqnAgent agent, byte[] state)
    {
        using var reader = new BinaryReader(new MemoryStream(state));
        agent.LoadState(reader);
    }
}
