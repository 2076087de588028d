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
            var options = new DqnOptions { Network = new QNetworkOptions { Threads = threads } };
            using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
            Action step = Trainer(agent, environment);
            while (agent.Steps < options.WarmupSteps)
                step();

            var observation = new byte[environment.Spec.ObservationBytes];
            environment.Observe(observation);
            Print("act", 1000 / Rate(0.4, () => agent.ActGreedy(observation)), "ms");
            Print("learn", 1000 / Rate(1.0, () => agent.Learn()), "ms");
            var batch = new TransitionBatch(options.BatchSize, environment.Spec.ObservationBytes);
            var random = new Pcg64(1);
            Print("sample", 1000 / Rate(0.4, () => agent.Replay.Sample(random, batch)), "ms");
            Print("replay_bytes_per_transition", FullBuffer(environment.Spec, options.BufferCapacity), "bytes");
            Print("train_steps", Rate(2.0, step), "steps/s");
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

    // All memory of a buffer that has filled up, over the transitions in it.
    private static double FullBuffer(EnvironmentSpec spec, long capacity)
    {
        const int EpisodeSteps = 238;
        long before = GC.GetTotalMemory(true);
        var replay = new ReplayBuffer(capacity, spec.FrameBytes, spec.StackedFrames);
        var observation = new byte[spec.ObservationBytes];
        for (int i = 0; i <= capacity + spec.StackedFrames; i++)
        {
            if (i % EpisodeSteps == 0)
                replay.Begin(observation);
            replay.Add(0, 0, terminated: false, truncated: i % EpisodeSteps == EpisodeSteps - 1, observation);
        }

        double bytes = GC.GetTotalMemory(true) - before;
        double result = bytes / replay.Count;
        GC.KeepAlive(replay);
        return result;
    }

    private static double Rate(double seconds, Action action)
    {
        long count = 0;
        return Rate(seconds, () =>
        {
            action();
            count++;
        }, () => count);
    }

    // Calls until the time is over, again and again; the median of (what the counter gained) / second.
    private static double Rate(double seconds, Action action, Func<long> counter)
    {
        Measure(seconds / 2);
        var rates = new double[Runs];
        foreach (ref double rate in rates.AsSpan())
            rate = Measure(seconds);
        Array.Sort(rates);
        return rates[Runs / 2];

        double Measure(double duration)
        {
            long first = counter(), start = Stopwatch.GetTimestamp();
            do
                action();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < duration);
            return (counter() - first) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private static void Print(string name, double value, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.####} {unit}"));
}
