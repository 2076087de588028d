using System.Globalization;
using Dqn.Agents;
using Dqn.Benchmarks.Profiles;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Benchmarks;

/// <summary>What this machine does, in about a minute: one "name value unit" per line.</summary>
internal static class Speed
{
    // A learning step's floating point operations, for the default network: target and online network forward and the
    // weights' gradients take 9,345,536 multiply-adds per item each, the gradients of all layers' inputs but the first's
    // 6,068,736. A multiply-add counts as two; the optimizer is not counted.
    private const double FlopPerItem = 2.0 * (3 * 9_345_536 + 6_068_736);

    /// <summary>Measures and prints.</summary>
    /// <param name="threads">Threads that learn.</param>
    public static void Run(int threads)
    {
        PrintEnvironment();
        PrintVector(threads);
        PrintLearning(threads);
        PrintReplay(threads);
        PrintTraining(threads);
    }

    // On one core.
    private static void PrintEnvironment()
    {
        using var bare = new CarRacingEnvironment();
        var frame = new byte[bare.Spec.ObservationBytes];
        Print("env_frames", CallRate.Rate(0.6, Player(bare, () => bare.Observe(frame))), "frames/s");

        using (FrameStack pipeline = new PixelPipeline().Create())
        {
            var observation = new byte[pipeline.Spec.ObservationBytes];
            EpisodeStatistics statistics = pipeline.Find<EpisodeStatistics>()!;
            Action play = Player(pipeline, () => pipeline.Observe(observation));
            long frames = 0;
            double rate = CallRate.Rate(0.6, () =>
            {
                int before = statistics.Frames;
                play();
                // After a reset the count starts again with the no-op frames, which were stepped too.
                frames += statistics.Frames >= before ? statistics.Frames - before : statistics.Frames;
            }, () => frames);
            Print("env_frames_skip4", rate, "frames/s");
        }

        Print("env_physics", CallRate.Rate(0.6, Player(bare, () => { })), "frames/s");
        Print("env_reset", 1000 / CallRate.Rate(0.4, () =>
        {
            bare.Reset();
            bare.Observe(frame);
        }), "ms");
    }

    // Several environments on all cores, beside the same on one; four frames per step, resets included.
    private static void PrintVector(int threads)
    {
        const int Environments = 8, FramesPerStep = 4;
        using VectorEnvironment one = Make(1), many = Make(threads);
        Action stepOne = Stepper(one), stepMany = Stepper(many);
        (double rate, double single) = CallRate.Rates(0.4, stepMany, () => CallRate.Once(0.4, stepOne));
        Print("env_vector", rate * Environments * FramesPerStep, "frames/s");
        Print("env_vector_ratio", rate / single, "× one thread");

        static VectorEnvironment Make(int threads) => new(
            Environments, _ => new PixelPipeline().Create(), AutoresetMode.SameStep, threads);

        static Action Stepper(VectorEnvironment vector)
        {
            var random = new Pcg64(1);
            var observations = new byte[vector.ObservationBytes];
            var actions = new int[Environments];
            var results = new StepResult[Environments];
            vector.Reset(1);
            return () =>
            {
                foreach (ref int action in actions.AsSpan())
                    action = random.Integer(vector.Spec.ActionCount);
                vector.Step(actions, results, observations);
            };
        }
    }

    // Whole learning steps: sampling, all target values computed (a target network that moves a little all the time
    // cannot be cached), forward, backward, optimizer. Each beside the multiply-add peak of as many threads.
    private static void PrintLearning(int threads)
    {
        Print("learn", threads);
        if (threads > 1)
            Print("learn_1", 1);

        static void Print(string name, int threads)
        {
            using FrameStack environment = new PixelPipeline().Create();
            DqnOptions options = new() { TargetUpdateRate = 0.5, Network = new QNetworkOptions { Threads = threads } };
            using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
            WarmUp(agent, environment);
            (double rate, double peak) = CallRate.Rates(
                0.6, () => agent.Learn(), () => MultiplyAddPeak.Measure(threads, 0.1));
            Speed.Print(name, 1000 / rate, "ms");
            Speed.Print($"{name}_of_peak", 100 * rate * options.BatchSize * FlopPerItem / peak, "%");
            Speed.Print($"{name}_peak", peak / 1e9, "GFLOP/s");
        }
    }

    // A buffer that has filled up: sampling, and all its memory over the transitions in it. The agent does not learn.
    private static void PrintReplay(int threads)
    {
        const int EpisodeSteps = 238;
        using FrameStack environment = new PixelPipeline().Create();
        EnvironmentSpec spec = environment.Spec;
        DqnOptions options = new() { WarmupSteps = long.MaxValue, Network = new QNetworkOptions { Threads = threads } };
        using DqnAgent agent = DqnAgent.Create(spec, options, seed: 1);
        IReplay replay = agent.Replay;
        var observation = new byte[spec.ObservationBytes];
        var batch = new TransitionBatch(options.BatchSize, spec.ObservationBytes);
        var random = new Pcg64(1);
        long before = GC.GetTotalMemory(true);
        for (int i = 0; i <= options.BufferCapacity + spec.StackedFrames; i++)
        {
            if (i % EpisodeSteps == 0)
                replay.Begin(observation);
            replay.Add(0, 0, terminated: false, truncated: i % EpisodeSteps == EpisodeSteps - 1, observation);
        }

        double bytes = GC.GetTotalMemory(true) - before;
        Print("sample", 1000 / CallRate.Rate(0.4, () => replay.Sample(random, batch)), "ms");
        Print("replay_bytes_per_transition", bytes / replay.Count, "bytes");
    }

    private static void PrintTraining(int threads)
    {
        // The default options with a hundredth of the buffer and of the target network's period: from the first seconds
        // on as many of the target values are cached as in a long run with the defaults, 69 %. That the small buffer
        // fits into a processor's cache flatters a step by less than 0.1 ms.
        using FrameStack environment = new PixelPipeline().Create();
        var defaults = new DqnOptions();
        DqnOptions options = defaults with
        {
            BufferCapacity = defaults.BufferCapacity / 100,
            TargetUpdatePeriod = defaults.TargetUpdatePeriod / 100,
            Network = new QNetworkOptions { Threads = threads },
        };
        using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
        Action step = WarmUp(agent, environment);

        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Observe(observation);
        Print("act", 1000 / CallRate.Rate(0.4, () => agent.ActGreedy(observation)), "ms");

        // Whole periods of the target network, since cached values become more in the course of each.
        Print("learn_cached", 1000 / CallRate.Rate(0.6, () =>
        {
            agent.SynchronizeTarget();
            for (long i = 0; i < options.TargetUpdatePeriod; i++)
                agent.Learn();
        }, () => agent.Updates), "ms");
        Print("train_steps", CallRate.Rate(1.0, () =>
        {
            for (long i = 0; i < options.TargetUpdatePeriod; i++)
                step();
        }, () => agent.Steps), "steps/s");
    }

    /// <summary>Plays until the agent learns; returns what makes one step of training.</summary>
    private static Action WarmUp(DqnAgent agent, IEnvironment environment)
    {
        Action step = Trainer(agent, environment);
        while (agent.Steps < agent.Options.WarmupSteps)
            step();
        return step;
    }

    // Plays an environment with random actions, episode after episode, looking at each step.
    private static Action Player(IEnvironment environment, Action observe)
    {
        var random = new Pcg64(1);
        environment.Reset(1);
        return () =>
        {
            bool ended = environment.Step(random.Integer(environment.Spec.ActionCount)).Ended;
            observe();
            if (ended)
                environment.Reset();
        };
    }

    private static Action Trainer(DqnAgent agent, IEnvironment environment)
    {
        var observation = new byte[environment.Spec.ObservationBytes];
        Begin(1);
        return () =>
        {
            int action = agent.Act(observation);
            StepResult result = environment.Step(action);
            environment.Observe(observation);
            agent.RecordAndLearn(action, result.Reward, result.Terminated, result.Truncated, observation);
            if (result.Ended)
                Begin(null);
        };

        void Begin(ulong? seed)
        {
            environment.Reset(seed);
            environment.Observe(observation);
            agent.Begin(observation);
        }
    }

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}"));
}
