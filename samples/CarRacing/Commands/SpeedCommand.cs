using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Environments.CarRacing;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Samples.CarRacing;

/// <summary>What this machine does, in under a minute: one "name value unit" per line. Rates are the median of five runs.</summary>
internal static class SpeedCommand
{
    private const int Runs = 5;

    public static Command Create()
    {
        var threads = new Option<int>("--threads") { Description = "Threads that learn; 0: one per processor.", DefaultValueFactory = _ => 0 };
        var command = new Command("speed", "Measure what this machine does, in under a minute.") { threads };
        command.SetAction(result => Run(result.GetValue(threads)));
        return command;
    }

    private static void Run(int threads)
    {
        using (var bare = new CarRacingEnvironment())
        {
            var observation = new byte[bare.Spec.ObservationBytes];
            Print("env_frames", Rate(0.6, Player(bare, () => bare.Observe(observation))), "frames/s");
        }

        using (FrameStack pipeline = CarRacingEnvironment.CreatePixelPipeline())
        {
            var observation = new byte[pipeline.Spec.ObservationBytes];
            EpisodeStatistics statistics = pipeline.Find<EpisodeStatistics>()!;
            Action play = Player(pipeline, () => pipeline.Observe(observation));
            long frames = 0;
            double rate = Rate(0.6, () =>
            {
                int before = statistics.Frames;
                play();
                // After a reset the count starts again with the no-op frames, which were stepped too.
                frames += statistics.Frames >= before ? statistics.Frames - before : statistics.Frames;
            }, () => frames);
            Print("env_frames_skip4", rate, "frames/s");
        }

        using (var bare = new CarRacingEnvironment())
            Print("env_physics", Rate(0.6, Player(bare, () => { })), "frames/s");

        using (FrameStack environment = CarRacingEnvironment.CreatePixelPipeline())
        {
            // The default options with a hundredth of the buffer and of the target network's period: from the first
            // seconds on as many of the target values are cached as in a long run with the defaults, 69 %. That the
            // small buffer fits into a processor's cache flatters a step by less than 0.1 ms.
            var defaults = new DqnOptions();
            DqnOptions options = defaults with
            {
                BufferCapacity = defaults.BufferCapacity / 100,
                TargetUpdatePeriod = defaults.TargetUpdatePeriod / 100,
                Network = new QNetworkOptions { Threads = threads },
            };
            using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
            Action step = Trainer(agent, environment);
            while (agent.Steps < options.WarmupSteps)
                step();

            var observation = new byte[environment.Spec.ObservationBytes];
            environment.Observe(observation);
            Print("act", 1000 / Rate(0.4, () => agent.ActGreedy(observation)), "ms");

            // All of a learning step: synchronising, which is not timed, leaves no target value in the cache.
            Print("learn", 1000 / Rate(1.0, () => agent.Learn(), before: agent.SynchronizeTarget), "ms");
            PrintReplay(environment.Spec, defaults);

            // Whole periods of the target network, since cached values become more in the course of each.
            Print("train_steps", Rate(1.0, TrainPeriod, () => agent.Steps), "steps/s");

            void TrainPeriod()
            {
                for (long i = 0; i < options.TargetUpdatePeriod; i++)
                    step();
            }
        }
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
            agent.Observe(action, result.Reward, result.Terminated, result.Truncated, observation);
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

    // A buffer that has filled up: sampling, and all its memory over the transitions in it.
    private static void PrintReplay(EnvironmentSpec spec, DqnOptions options)
    {
        const int EpisodeSteps = 238;
        var observation = new byte[spec.ObservationBytes];
        var batch = new TransitionBatch(options.BatchSize, spec.ObservationBytes);
        var random = new Pcg64(1);
        long before = GC.GetTotalMemory(true);
        var replay = new ReplayBuffer(options.BufferCapacity, spec.FrameBytes, spec.StackedFrames);
        for (int i = 0; i <= options.BufferCapacity + spec.StackedFrames; i++)
        {
            if (i % EpisodeSteps == 0)
                replay.Begin(observation);
            replay.Add(0, 0, terminated: false, truncated: i % EpisodeSteps == EpisodeSteps - 1, observation);
        }

        double bytes = GC.GetTotalMemory(true) - before;
        Print("sample", 1000 / Rate(0.4, () => replay.Sample(random, batch)), "ms");
        Print("replay_bytes_per_transition", bytes / replay.Count, "bytes");
    }

    private static double Rate(double seconds, Action action, Action? before = null)
    {
        long count = 0;
        return Rate(seconds, () =>
        {
            action();
            count++;
        }, () => count, before);
    }

    // Calls until the time is over, again and again; the median of (what the counter gained) / second. What is done
    // before each call is not timed.
    private static double Rate(double seconds, Action action, Func<long> counter, Action? before = null)
    {
        Measure(seconds / 2);
        var rates = new double[Runs];
        foreach (ref double rate in rates.AsSpan())
            rate = Measure(seconds);
        Array.Sort(rates);
        return rates[Runs / 2];

        double Measure(double duration)
        {
            long first = counter();
            TimeSpan elapsed = TimeSpan.Zero;
            do
            {
                before?.Invoke();
                long start = Stopwatch.GetTimestamp();
                action();
                elapsed += Stopwatch.GetElapsedTime(start);
            }
            while (elapsed.TotalSeconds < duration);
            return (counter() - first) / elapsed.TotalSeconds;
        }
    }

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}"));
}
