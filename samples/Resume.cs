#:project ../src/Dqn/Dqn.csproj
// A run that is killed half-way and resumed leaves the same weights and history, to the byte, as one that was not; times aside.
using System.Diagnostics;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

if (args is [var given]) return (int)Train(given);
string whole = Directory.CreateTempSubdirectory().FullName, killed = Directory.CreateTempSubdirectory().FullName;
Train(whole);
using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [killed]) { RedirectStandardOutput = true })!;
while (child.StandardOutput.ReadLine() is { } line && line != "saved after step 4000") { }
child.Kill(); // It is not asked to stop and saves nothing any more.
child.WaitForExit();
long from = Train(killed);
bool same = History(whole).SequenceEqual(History(killed)) && Weights(whole).SequenceEqual(Weights(killed));
Console.WriteLine($"killed, resumed after step {from}: weights and history {(same ? "equal" : "differ from")} the other run's");
return same && from is > 0 and < 8_000 ? 0 : 1;

static long Train(string folder)
{
    using TimeLimit environment = new(new CartPoleEnvironment(), 500), test = new(new CartPoleEnvironment(), 500);
    using DqnAgent agent = DqnAgent.Create(environment.Spec, Trainer.OptionsFor(environment.Spec, 8_000), seed: 1);
    var options = new TrainingRunOptions { Folder = folder, TotalSteps = 8_000, CheckpointInterval = 1_000, WeightsExtension = ".safetensors" };
    using var run = new TrainingRun(options, agent, environment, new Evaluator(test));
    long from = run.Resume() ? run.Steps : 0;
    run.Run(onEvent: happened => { if (happened.CheckpointSaved) Console.WriteLine($"saved after step {run.Steps}"); });
    return from;
}

static byte[] Weights(string folder) => File.ReadAllBytes(Path.Combine(folder, "latest.safetensors"));
static IEnumerable<string> History(string folder) => // The last column is the time.
    File.ReadLines(Path.Combine(folder, "history.csv")).Select(line => line[..line.LastIndexOf(',')]);
