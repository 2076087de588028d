using System.Diagnostics;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Faults;

/// <summary>
/// The same work for long, in one process that must not grow: what it holds is printed twenty times, and the last quarter
/// is compared with the second, when everything has been allocated once.
/// </summary>
internal static class Soak
{
    private const int Rows = 20;
    private const long HeapTolerance = 1 << 20, WorkingSetTolerance = 16 << 20;

    /// <summary>Trains on CartPole: environment steps, and an update every hundred of them.</summary>
    public static int Training(long steps)
    {
        const int stepsPerUpdate = 100;
        using var environment = new CartPoleEnvironment().WithTimeLimit(200).WithStatistics();
        var options = new DqnOptions
        {
            WarmupSteps = 1000,
            BufferCapacity = 10_000,
            BatchSize = 16,
            UpdatePeriod = stepsPerUpdate,
            Epsilon = new EpsilonSchedule(0.5, 0.5, 1),
            Network = new QNetworkOptions { Threads = 1 },
        };
        Sequential architecture = new([4], pixels: false, [new Linear("fc1", 16), new Relu(), new Linear("fc2", 2)]);
        var network = new QNetwork(architecture, new Pcg64(1), options.Network);
        using var agent = new DqnAgent(network, environment.Spec, options, seed: 1);
        var loop = new TrainingLoop(agent, environment, seed: 1);
        return Watch(steps, count => loop.Run(count), () => $"{loop.Episodes} episodes, {agent.Updates} updates");
    }

    /// <summary>Drives CarRacing as the agent sees it, each episode on another track.</summary>
    public static int Racing(long steps)
    {
        using FrameStack environment = new PixelPipeline().Create();
        var observation = new byte[environment.Spec.ObservationBytes];
        var random = new Pcg64(1);
        long episodes = 0;
        StepResult result = default;
        environment.Reset(seed: 1);
        return Watch(steps, Drive, () => $"{episodes} tracks");

        void Drive(long count)
        {
            for (long i = 0; i < count; i++)
            {
                if (result.Ended)
                {
                    environment.Reset();
                    episodes++;
                }

                environment.Observe(observation);
                result = environment.Step(random.Integer(environment.Spec.ActionCount));
            }
        }
    }

    private static int Watch(long steps, Action<long> work, Func<string> done)
    {
        var all = new List<Resources>();
        var clock = Stopwatch.StartNew();
        long made = 0;
        for (int row = 1; row <= Rows; row++)
        {
            work(steps * row / Rows - made);
            made = steps * row / Rows;
            all.Add(Resources.Now());
            Console.WriteLine($"{made} steps, {done()}, {clock.Elapsed.TotalSeconds:f0} s: {all[^1]}");
        }

        Resources[] second = [.. all[(Rows / 4)..(Rows / 2)]], last = [.. all[(Rows * 3 / 4)..]];
        bool flat = last.Max(row => row.Heap) <= second.Max(row => row.Heap) + HeapTolerance
            && last.Max(row => row.WorkingSet) <= second.Max(row => row.WorkingSet) + WorkingSetTolerance
            && last.Max(row => row.Handles) <= second.Max(row => row.Handles)
            && last.Max(row => row.Threads) <= second.Max(row => row.Threads);
        Console.WriteLine(flat ? "flat" : "it grows");
        return flat ? 0 : 1;
    }
}
