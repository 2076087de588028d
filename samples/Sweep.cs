#:project ../src/Dqn/Dqn.csproj
// Twelve settings side by side on the machine's cores; the worse half stops half-way; killed and resumed without loss.
using System.Diagnostics;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

const int Half = 4_000, Whole = 8_000;
JsonArray settings = JsonNode.Parse("""
    [{ "discount": 0.9 },  { "discount": 0.99 },                    { "discount": 0.99, "nStep": 3 }, { "nStep": 5 },
     { "batchSize": 32 },  { "batchSize": 256 },                    { "updatePeriod": 8 },            { "updatePeriod": 1 },
     { "doubleDqn": false }, { "architecture": { "dueling": true } }, { "targetUpdatePeriod": 2000 },  { "prioritized": {} }]
    """)!.AsArray();
string folder = args is [var given] ? given : Directory.CreateTempSubdirectory("dqn-sweep-").FullName;
if (args is [])
{
    using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [folder]) { RedirectStandardOutput = true })!;
    for (int i = 0; i < 3; i++)
        Console.WriteLine($"{child.StandardOutput.ReadLine()}, then killed");
    child.Kill();
    child.WaitForExit();
}
(int Setting, double Mean)[] half = [.. TrainAll(Enumerable.Range(0, settings.Count), Half)];
(int Setting, double Mean)[] best = [.. TrainAll(half.Take(settings.Count / 2).Select(result => result.Setting), Whole)];
double again = Train(best[0].Setting, Whole, Path.Combine(folder, "again"));
Console.WriteLine($"best: {settings[best[0].Setting]!.ToJsonString()} with {best[0].Mean}; in one go {again}");
return best[0].Mean == again ? 0 : 1;

IEnumerable<(int Setting, double Mean)> TrainAll(IEnumerable<int> which, int steps) => which.AsParallel()
    .Select(i => (i, Train(i, steps, Path.Combine(folder, $"{i:00}")))).ToArray().OrderByDescending(result => result.Item2);

double Train(int setting, int steps, string place)
{
    using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500), test = new CartPoleEnvironment().WithTimeLimit(500);
    DqnOptions usual = Trainer.OptionsFor(environment.Spec, Whole);
    DqnOptions options = DqnOptions.FromJson(settings[setting], usual with { Network = usual.Network with { Threads = 1 } });
    using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
    using var run = new TrainingRun(new() { Folder = place, TotalSteps = steps, EvaluationInterval = Half, CheckpointInterval = 1_000 }, agent, environment, new Evaluator(test));
    long from = run.Resume() ? run.Steps : 0;
    run.Run();
    Console.WriteLine($"setting {setting,2} after steps {from} … {run.Steps}: best mean {run.Best.Mean}");
    return run.Best.Mean;
}
