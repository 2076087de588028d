using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// Trains agents on tasks with several seeds each and writes what they learnt as a table, curves and figures. Finished
/// trainings are kept, interrupted ones go on.
/// </summary>
internal static class LearningCommand
{
    private const string Usage =
        "learning [--task NAME,…] [--agent NAME,…] [--seeds 5] [--steps N] [--hours H] [--jobs one per processor] " +
        "[--out benchmarks/results/learning] [--runs runs/learning] [--report]";

    public static int Run(string[] arguments)
    {
        var options = new Dictionary<string, string>();
        bool reportOnly = arguments.Contains("--report");
        string[] pairs = [.. arguments.Where(argument => argument != "--report")];
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] is not ("--task" or "--agent" or "--seeds" or "--steps" or "--hours" or "--jobs" or "--out" or "--runs")
                || i + 1 == pairs.Length)
            {
                Console.Error.WriteLine($"Expected {Usage}, got '{pairs[i]}'.");
                return 1;
            }

            options[pairs[i]] = pairs[i + 1];
        }

        ImmutableArray<LearningTask> tasks = Chosen(LearningTask.All, task => task.Name, options.GetValueOrDefault("--task"));
        ImmutableArray<LearningAgent> agents = Chosen(LearningAgent.All, agent => agent.Name, options.GetValueOrDefault("--agent"));
        int seeds = int.Parse(options.GetValueOrDefault("--seeds", "5"), CultureInfo.InvariantCulture);
        int jobs = options.TryGetValue("--jobs", out string? given)
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Environment.ProcessorCount;
        long? steps = options.TryGetValue("--steps", out string? number) ? long.Parse(number, CultureInfo.InvariantCulture) : null;
        string folder = options.GetValueOrDefault("--out", "benchmarks/results/learning");
        var results = new LearningResults(folder);

        // Seed by seed, so that a table that is interrupted has something of everything.
        LearningCell[] cells =
        [
            .. from seed in Enumerable.Range(1, seeds)
               from task in tasks
               from agent in agents
               select new LearningCell(task, agent, (ulong)seed, steps ?? task.Steps),
        ];
        if (!reportOnly)
        {
            using var stop = new CancellationTokenSource();
            if (options.TryGetValue("--hours", out string? hours))
                stop.CancelAfter(TimeSpan.FromHours(double.Parse(hours, CultureInfo.InvariantCulture)));
            using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            Train(cells, results, jobs, options.GetValueOrDefault("--runs", "runs/learning"),
                Command(options), stop.Token);

            void Stop(PosixSignalContext signal)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }

        new LearningReport(results.All).Write(folder);
        Console.WriteLine($"{Path.Combine(folder, "README.md")} is written.");
        return 0;
    }

    // What was asked for, without the folders, which decide nothing.
    private static string Command(Dictionary<string, string> options) => string.Join(
        ' ', ["learning", .. options.Where(option => option.Key is not ("--out" or "--runs")).Select(option => $"{option.Key} {option.Value}")]);

    private static void Train(
        LearningCell[] cells, LearningResults results, int jobs, string runs, string command, CancellationToken cancellationToken)
    {
        string machine = $"{Machine.Processor}; {jobs} at a time";
        LearningCell[] open = [.. cells.Where(cell => results.Find(cell.Key)?.Settings != cell.Settings)];
        Console.WriteLine($"{cells.Length} trainings, {open.Length} of them to be made.");
        var watch = Stopwatch.StartNew();
        int done = 0;
        var queue = new ConcurrentQueue<LearningCell>(open);
        Task.WaitAll([.. Enumerable.Range(0, jobs).Select(_ => Task.Run(Work, CancellationToken.None))], CancellationToken.None);

        void Work()
        {
            while (!cancellationToken.IsCancellationRequested && queue.TryDequeue(out LearningCell? cell))
            {
                if (cell.Train(runs, machine, command, cancellationToken) is not { } trained)
                    return;
                results.Add(trained.Result, trained.Curve);
                CellResult result = trained.Result;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{watch.Elapsed:hh\\:mm\\:ss} {Interlocked.Increment(ref done)}/{open.Length} {result.Task} {result.Agent} seed {result.Seed}: " +
                    $"{result.Score:0.00} ± {result.Deviation:0.00}, training {result.Training:0.00}, {result.Seconds:0} s, " +
                    $"{result.Steps / result.Seconds:0} steps/s"));
            }
        }
    }

    // Those whose names contain one of the given parts; all where none is given.
    private static ImmutableArray<T> Chosen<T>(ImmutableArray<T> all, Func<T, string> name, string? parts)
    {
        if (parts is null)
            return all;
        ImmutableArray<T> chosen =
        [
            .. all.Where(one => parts.Split(',').Any(part => name(one).Contains(part, StringComparison.OrdinalIgnoreCase))),
        ];
        return chosen.IsEmpty
            ? throw new ArgumentException($"Expected one of {string.Join(", ", all.Select(name))}, got '{parts}'.")
            : chosen;
    }
}
