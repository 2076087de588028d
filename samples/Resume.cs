#:project ../src/Dqn/Dqn.csproj
// A run that is killed half-way and resumed leaves the same files, to the byte, as one that was not.
using System.Diagnostics;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

if (args is [var given])
    return Train(given) == 0 ? 0 : 1;
string runs = Directory.CreateTempSubdirectory("dqn-resume-").FullName;
string whole = Path.Combine(runs, "whole"), killed = Path.Combine(runs, "killed");
Train(whole);
using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [killed]) { RedirectStandardOutput = true })!;
while (child.StandardOutput.ReadLine() is { } line && line != "saved after step 4000") { }
child.Kill(); // Not asked to stop: it has no chance to save anything.
child.WaitForExit();
long from = Train(killed);
bool same = Bytes(whole, "latest.safetensors").SequenceEqual(Bytes(killed, "latest.safetensors")) &&
    Bytes(whole, "history.csv").SequenceEqual(Bytes(killed, "history.csv"));
Console.WriteLine($"killed, and resumed after step {from}: {(same ? "the same weights and history" : "something differs")}");
Directory.Delete(runs, recursive: true);
return same && from is > 0 and < 8_000 ? 0 : 1;

static byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(folder, file));

static long Train(string folder)
{
    using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500), test = new CartPoleEnvironment().WithTimeLimit(500);
    using DqnAgent agent = DqnAgent.Create(environment.Spec, Trainer.OptionsFor(environment.Spec, 8_000), seed: 1);
    var options = new TrainingRunOptions { Folder = folder, TotalSteps = 8_000, CheckpointInterval = 1_000, WeightsExtension = ".safetensors" };
    using var run = new TrainingRun(options, agent, environment, new Evaluator(test));
    long from = run.Resume() ? run.Steps : 0;
    run.Run(onEvent: happened => { if (happened.CheckpointSaved) Console.WriteLine($"saved after step {run.Steps}"); });
    return from;
}
