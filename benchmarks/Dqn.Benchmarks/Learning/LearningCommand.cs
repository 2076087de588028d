using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// Trains agents on tasks with several seeds each and writes what they learnt as a table, curves and figures. Finished
/// trainings are kept, interrupted ones go on.
/// </summary>
internal static class LearningCommand
{
    public static Command Create()
    {
        Option<LearningTask[]> tasks = Some("--task", LearningTask.All, task => task.Name);
        Option<LearningAgent[]> agents = Some("--agent", LearningAgent.All, agent => agent.Name);
        Option<int> seeds = new Option<int>("--seeds") { Description = "How many seeds, from 1.", DefaultValueFactory = _ => 5 }.AboveZero();
        Option<long?> steps = new Option<long?>("--steps") { Description = "How many agent steps. Default: each task's own." }.AboveZero();
        Option<double?> hours = new Option<double?>("--hours") { Description = "After how long to stop, to go on another time." }.AboveZero();
        Option<int> jobs = new Option<int>("--jobs")
        {
            Description = "How many trainings at a time.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        }.AboveZero();
        var output = new Option<string>("--out")
        {
            Description = "Where the table is.",
            DefaultValueFactory = _ => "benchmarks/results/learning",
        };
        var runs = new Option<string>("--runs") { Description = "Where trainings keep their files.", DefaultValueFactory = _ => "runs/learning" };
        var report = new Option<bool>("--report") { Description = "Only write the page anew." };
        var command = new Command("learning", "Train agents on tasks, as a table with curves; goes on where it was interrupted.")
        {
            tasks, agents, seeds, steps, hours, jobs, output, runs, report,
        };
        command.SetAction((result, cancellationToken) => Task.Run(() => Run(result, cancellationToken), CancellationToken.None));
        return command;

        void Run(ParseResult result, CancellationToken cancellationToken)
        {
            string folder = result.GetRequiredValue(output);
            using IDisposable held = LearningResults.Hold(folder);
            var results = new LearningResults(folder);
            if (!result.GetValue(report))
            {
                LearningCell[] cells = Cells(
                    result.GetValue(tasks) is [_, ..] someTasks ? someTasks : [.. LearningTask.All],
                    result.GetValue(agents) is [_, ..] someAgents ? someAgents : [.. LearningAgent.All],
                    result.GetRequiredValue(seeds), result.GetValue(steps));
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                if (result.GetValue(hours) is { } longest)
                    stop.CancelAfter(TimeSpan.FromHours(longest));
                Train(
                    cells, results, result.GetRequiredValue(jobs), result.GetRequiredValue(runs),
                    Asked(result, tasks, agents, seeds, steps, hours, jobs), stop.Token);
            }

            new LearningReport(results.All).Write(folder);
            Console.WriteLine($"{Path.Combine(folder, "README.md")} is written.");
        }
    }

    private static Option<T[]> Some<T>(string name, ImmutableArray<T> all, Func<T, string> nameOf)
    {
        string names = string.Join(", ", all.Select(nameOf));
        return new Option<T[]>(name)
        {
            Description = $"Parts of the names of those to train, with commas between them. Default: all of {names}.",
            CustomParser = result =>
            {
                string[] parts = [.. result.Tokens.SelectMany(token => token.Value.Split(','))];
                foreach (string part in parts.Where(part => !all.Any(one => IsNamed(one, part))))
                    result.AddError($"Expected parts of {names} as {name}, got '{part}'.");
                return [.. all.Where(one => parts.Any(part => IsNamed(one, part)))];
            },
        };

        bool IsNamed(T one, string part) => nameOf(one).Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    // What was asked for, without the folders, which decide nothing.
    private static string Asked(ParseResult result, params Option[] options) => string.Join(
        ' ', ["learning", .. options.Where(option => result.GetResult(option) is { Implicit: false })
            .Select(option => $"{option.Name} {string.Join(' ', result.GetResult(option)!.Tokens)}")]);

    // Seed by seed, so that a table that is interrupted has something of everything.
    private static LearningCell[] Cells(LearningTask[] tasks, LearningAgent[] agents, int seeds, long? steps) =>
    [
        .. from seed in Enumerable.Range(1, seeds)
           from task in tasks
           from agent in agents
           select new LearningCell(task, agent, (ulong)seed, steps ?? task.Steps),
    ];

    private static void Train(
        LearningCell[] cells, LearningResults results, int jobs, string runs, string command, CancellationToken cancellationToken)
    {
        string machine = $"{Machine.Processor}; {jobs} at a time";
        LearningCell[] open = [.. cells.Where(cell => results.Find(cell.Key)?.Settings != cell.Settings)];
        Console.WriteLine($"{cells.Length} trainings, {open.Length} of them to be made.");
        var watch = Stopwatch.StartNew();
        int done = 0;
        var queue = new ConcurrentQueue<LearningCell>(open);
        Task.WhenAll(Enumerable.Range(0, jobs).Select(_ => Task.Run(Work, CancellationToken.None))).GetAwaiter().GetResult();

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
}
