using System.CommandLine;
using System.Globalization;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.CarRacing.Training;
using Dqn.Environments;
using Dqn.Media;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Trains an agent as a preset says, changed by what else was given, and leaves a run folder.</summary>
internal static class TrainCommand
{
    /// <summary>The training itself as a command of its own.</summary>
    public static Command Create(string name, string description) => AddTo(new Command(name, description));

    /// <summary>Gives a command the training's options and action.</summary>
    public static T AddTo<T>(T command)
        where T : Command
    {
        var options = new TrainOptions();
        foreach (Option option in options.All)
            command.Add(option);
        command.SetAction(result =>
        {
            if (options.WantsHelp(result))
                options.PrintHelp(Console.Out);
            else
                Run(options.Read(result));
        });
        return command;
    }

    private static void Run(TrainSettings settings)
    {
        CarRacingPreset preset = settings.Preset;
        using VectorEnvironment environments = preset.CreateTrainingEnvironments();
        using var unseen = new VectorEnvironment(
            Math.Min(preset.EvaluationEpisodes, 16), _ => preset.CreateEnvironment(), threads: preset.Agent.Network.Threads);
        using DqnAgent agent = preset.CreateAgent(environments.Spec, settings.Seed, settings.Engine.MakeNetwork);
        var evaluator = new Evaluator(unseen, new EvaluationOptions { Episodes = preset.EvaluationEpisodes });
        string folder = Path.Combine(settings.Runs, settings.Resume ? settings.Name ?? RunName.Latest(settings.Runs) : settings.Name ?? RunName.Next(settings.Runs));
        if (settings.Resume && !Directory.Exists(folder))
            throw new InvalidOperationException($"There is no run to resume in {Path.GetFullPath(folder)}.");

        using var run = new TrainingRun(
            new TrainingRunOptions
            {
                Folder = folder,
                TotalSteps = preset.Steps,
                MaxTime = settings.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
                Seed = settings.Seed,
                EvaluationInterval = preset.EvaluationInterval,
                CheckpointInterval = preset.CheckpointInterval,
                WeightsExtension = ".safetensors",
                WeightsMetadata = Model.Metadata(preset),
                Settings = settings.Describe(),
            },
            agent, environments, evaluator);
        if (settings.Resume && !run.Resume())
            throw new InvalidOperationException($"There is no checkpoint in {Path.GetFullPath(folder)}.");
        if (settings.TensorBoard)
            run.AddSink(new TensorBoardMetricSink(folder, settings.Resume ? run.Steps : null));

        using var interruption = new Interruption();
        Console.WriteLine($"{(settings.Resume ? "resuming" : "training")} in {folder}: {settings.Changes}");
        var status = new TrainingStatus(run, agent);
        TrainingDisplay.Show(run.Run(interruption.Token), status, happened =>
        {
            if (happened.Evaluation is not null)
                LearningCurve.Draw(folder, Path.GetFileName(folder), run.History);
        });

        if (interruption.Token.IsCancellationRequested)
        {
            Console.WriteLine($"saved after step {run.Steps}; the same command with --resume{(settings.Name is null && settings.Resume ? "" : $" --name {Path.GetFileName(folder)}")} goes on");
            return;
        }

        Console.WriteLine($"best evaluation: mean {run.Best.Mean:0.0} after step {run.Best.Step}");
        using FrameStack filmed = preset.CreateEnvironment();
        Film(filmed, Greedy.Policy(agent.EvaluationNetwork), evaluator.Options.FirstSeed, folder, preset.Pixels.Frames, interruption.Token);
        string line = LogLine(settings, run, status);
        Console.WriteLine(line);
        if (settings.Log is { } log)
            File.AppendAllText(log.FullName, line + "\n");
    }

    // One line for a table of experiments: what was run, and what it reached.
    private static string LogLine(TrainSettings settings, TrainingRun run, TrainingStatus status) => string.Create(
        CultureInfo.InvariantCulture,
        $"{settings.Changes} | {run.Steps} steps | {run.TrainingTime.TotalMinutes:0.0} min | " +
        $"last {status.LastEvaluation?.Mean:0.0} ± {status.LastEvaluation?.StandardDeviation:0.0} | " +
        $"best {run.Best.Mean:0.0} at {run.Best.Step} ({settings.Preset.EvaluationEpisodes} tracks)");

    // A video where ffmpeg is there, else the far larger animated PNG.
    private static void Film(
        FrameStack environment, Policy policy, ulong track, string folder, int maxFrames, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, "evaluation.webm");
        double sum;
        int frames;
        try
        {
            (sum, frames) = Recording.Make(environment, policy, track, path, maxFrames, cancellationToken);
        }
        catch (VideoEncodingException)
        {
            path = Path.ChangeExtension(path, ".png");
            (sum, frames) = Recording.Make(environment, policy, track, path, maxFrames, cancellationToken);
        }

        Console.WriteLine($"{path}: the trained agent on track {track}, {frames} frames, return {sum:0.0}");
    }
}
