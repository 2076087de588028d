using System.Diagnostics;
using System.Globalization;
using Dqn.Agents;
using Dqn.Benchmarks;
using Dqn.CarRacing.Presets;
using Dqn.Environments;
using Dqn.Training;

// What it costs a training of CarRacing's fast preset that somebody watches it. One run, cut into windows that are watched
// and not watched in turn, in the order ABBA; the watcher is a process of its own that asks for all that a browser does.
// Where other programs run too, pairs are left out that one of them slowed to less than half of the fastest window; and
// processor time says more than speed, most with one thread, which never waits for another.
// dotnet run -c Release --project benchmarks/Dqn.Dashboard.Cost -- [PAIRS] [SECONDS PER WINDOW] [THREADS]
if (args is ["watch", string address])
{
    using var ended = new CancellationTokenSource();
    var watcher = new Watcher(new Uri(address));
    Task watching = watcher.WatchAsync(ended.Token);
    Console.ReadLine();
    ended.Cancel();
    await watching;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watcher.Pictures} {watcher.Bytes}"));
    return 0;
}

int pairs = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 40;
double seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 8;
int threads = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 0;

string folder = Directory.CreateTempSubdirectory("dqn-dashboard-").FullName;
CarRacingPreset preset = CarRacingPresets.Fast;
preset = preset with { Agent = preset.Agent with { WarmupSteps = 2_000, BufferCapacity = 100_000, Network = preset.Agent.Network with { Threads = threads } } };
using VectorEnvironment environments = preset.CreateTrainingEnvironments();
using FrameStack unseen = preset.CreateEnvironment();
using DqnAgent agent = preset.CreateAgent(environments.Spec, seed: 1);
using var run = new TrainingRun(
    new TrainingRunOptions
    {
        Folder = folder,
        TotalSteps = long.MaxValue / 2,
        EvaluationInterval = long.MaxValue / 2,
        CheckpointInterval = long.MaxValue / 2,
        CheckpointTime = null,
    },
    agent, environments, new Evaluator(unseen));
using Dashboard dashboard = Dashboard.Start(run);
long pictures = 0, bytes = 0;
using IEnumerator<TrainingEvent> training = run.RunLazily().GetEnumerator();
Train(TimeSpan.FromSeconds(20)); // everything is compiled, and learning
Window(watched: true);

var measured = new List<((double Pace, double Work) With, (double Pace, double Work) Without)>();
(pictures, bytes) = (0, 0);
for (int pair = 0; pair < pairs; pair++)
{
    bool first = pair % 2 == 0;
    (double Pace, double Work) one = Window(watched: first), two = Window(watched: !first);
    ((double Pace, double Work) with, (double Pace, double Work) without) = first ? (one, two) : (two, one);
    measured.Add((with, without));
    Console.WriteLine($"{pair + 1,3}  {without.Pace,7:0.0} steps/s alone, {with.Pace,7:0.0} watched: {with.Pace / without.Pace - 1,7:+0.0%;-0.0%}   processor time a step {with.Work / without.Work - 1,7:+0.0%;-0.0%}");
}

double watchedSeconds = pairs * (seconds + Settling);
double fastest = measured.Max(pair => Math.Max(pair.With.Pace, pair.Without.Pace));
measured.RemoveAll(pair => Math.Min(pair.With.Pace, pair.Without.Pace) < fastest / 2);
Console.WriteLine($"""
    {measured.Count} undisturbed of {pairs} pairs of {seconds} s on {Environment.ProcessorCount} processors, {(threads == 0 ? "all" : threads)} training; medians, and the middle half of the pairs:
    speed while watched                {Summary([.. measured.Select(pair => pair.With.Pace / pair.Without.Pace)])}
    processor time a step              {Summary([.. measured.Select(pair => pair.With.Work / pair.Without.Work)])}
    pictures a second                  {pictures / watchedSeconds:0.0}, {bytes / watchedSeconds / 1024:0} KiB a second
    """);
return 0;

(double Pace, double Work) Window(bool watched)
{
    using Process? watcher = watched ? Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!, [.. DllOf(Environment.ProcessPath!), "watch", dashboard.Url.ToString()])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    }) : null;
    Train(TimeSpan.FromSeconds(Settling)); // until it has begun
    long steps = run.Steps, start = Stopwatch.GetTimestamp();
    TimeSpan used = Environment.CpuUsage.TotalTime;
    Train(TimeSpan.FromSeconds(seconds));
    steps = run.Steps - steps;
    (double, double) window = (
        steps / Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - used).TotalSeconds / steps);
    if (watcher is not null)
    {
        watcher.StandardInput.WriteLine();
        string[] seen = watcher.StandardOutput.ReadLine()!.Split(' ');
        pictures += long.Parse(seen[0], CultureInfo.InvariantCulture);
        bytes += long.Parse(seen[1], CultureInfo.InvariantCulture);
        watcher.WaitForExit();
    }

    Train(TimeSpan.FromSeconds(0.3)); // until it has noticed
    return window;
}

void Train(TimeSpan time)
{
    // Whole rounds of the environments, each with its update.
    for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time;)
    {
        for (int i = 0; i < environments.Count; i++)
            training.MoveNext();
    }
}

// As "dotnet Dqn.Dashboard.Cost.dll" where it was started so.
static string[] DllOf(string process) =>
    Path.GetFileNameWithoutExtension(process) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

static string Summary(double[] ratios)
{
    double[] sorted = [.. ratios.Order()];
    if (sorted.Length == 0)
        return "not measured: each pair was disturbed";
    return $"{sorted[sorted.Length / 2] - 1:+0.0%;-0.0%} ({sorted[sorted.Length / 4] - 1:+0.0%;-0.0%} to {sorted[sorted.Length * 3 / 4] - 1:+0.0%;-0.0%})";
}

internal sealed partial class Program
{
    private const double Settling = 1.5;
}
