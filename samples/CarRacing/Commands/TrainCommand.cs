using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.CarRacing.Presets;
using Dqn.Environments;
using Dqn.Media;
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
        string folder = Folder(settings);

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
                Settings = new JsonObject { ["preset"] = preset.Name },
            },
            agent, environments, evaluator);
        if (settings.Resume && !run.Resume())
            throw new InvalidOperationException($"There is no checkpoint in {Path.GetFullPath(folder)}.");
        if (settings.TensorBoard)
            run.AddSink(new TensorBoardMetricSink(folder, settings.Resume ? run.Steps : null));

        using var interruption = new Interruption();
        var display = new TrainingDisplay(run, "CarRacing · DQN · Ctrl-C saves and ends");
        evaluator.Progress = display;
        display.WriteLine($"{(settings.Resume ? "resuming" : "training")} in {folder}\n{settings.Changes}");
        using Dashboard? dashboard = settings.Dashboard is { } port ? DashboardPage.Start(run, port, display.WriteLine) : null;
        if (settings.Resume && run.Best.Step > 0)
            DrawCurve(folder, display);
        display.Run(interruption.Token, happened =>
        {
            if (happened.Evaluation is { } evaluation)
                Show(evaluation, folder, display);
        });

        if (interruption.Token.IsCancellationRequested || run.Control.IsStopRequested)
        {
            display.WriteLine($"saved after step {run.Steps}; go on with --resume{(settings.Name is null && settings.Resume ? "" : $" --name {Path.GetFileName(folder)}")}");
            return;
        }

        display.WriteLine($"{run.Steps} steps, {run.TrainingTime.TotalMinutes:0.0} minutes of training; best evaluation: mean {run.Best.Mean:0.0} after step {run.Best.Step}");
        using FrameStack filmed = preset.CreateEnvironment();
        using var policy = new GreedyPolicy(agent.EvaluationNetwork, filmed);
        Film(evaluator.Options.FirstSeed, "evaluation");
        if (dashboard is not null && display.Status.LastEvaluation is { } last)
            Film(Worst(last), $"track-{Worst(last)}");
        if (settings.Log is { } log)
            File.AppendAllText(log.FullName, LogLine(settings, run, display.Status) + "\n");

        void Film(ulong track, string name)
        {
            string film = TrainCommand.Film(
                filmed, policy.Act, track, Path.Combine(folder, name), preset.Pixels.Frames, interruption.Token);
            display.WriteLine(film);
            dashboard?.Log(film);
        }
    }

    // The one to look at: what the agent does not know yet.
    private static ulong Worst(EvaluationResult evaluation) =>
        evaluation.FirstSeed + (ulong)evaluation.Episodes.IndexOf(evaluation.Episodes.MinBy(episode => episode.Return));

    private static string Folder(TrainSettings settings)
    {
        if (!settings.Resume)
            return settings.Name is null ? RunFolders.Create(settings.Runs, "carracing") : Path.Combine(settings.Runs, settings.Name);
        string? folder = settings.Name is null ? RunFolders.Latest(settings.Runs) : Path.Combine(settings.Runs, settings.Name);
        return folder is not null && Directory.Exists(folder)
            ? folder
            : throw new InvalidOperationException($"There is no run to resume in {Path.GetFullPath(folder ?? settings.Runs)}.");
    }

    // Track by track for who opens the folder later, and as a curve.
    private static void Show(EvaluationResult evaluation, string folder, TrainingDisplay display)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, "evaluation.csv"), EvaluationTable.Csv(evaluation));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            display.WriteLine($"note: evaluation.csv was not written: {exception.Message}");
        }

        DrawCurve(folder, display);
    }

    // For people: where another program holds a file, the next evaluation draws it.
    private static void DrawCurve(string folder, TrainingDisplay display)
    {
        try
        {
            LinePlot curve = LearningCurve.Of(RunHistory.Read(folder), Path.GetFileName(folder), EvaluationTable.Solved);
            curve.Save(Path.Combine(folder, "curve.svg"));
            curve.Save(Path.Combine(folder, "curve.png"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            display.WriteLine($"note: the curve was not drawn: {exception.Message}");
        }
    }

    // One line for a table of experiments: what was run, and what it reached.
    private static string LogLine(TrainSettings settings, TrainingRun run, TrainingStatus status) => string.Create(
        CultureInfo.InvariantCulture,
        $"{settings.Changes} | {run.Steps} steps | {run.TrainingTime.TotalMinutes:0.0} min | " +
        $"last {status.LastEvaluation?.Mean:0.0} ± {status.LastEvaluation?.StandardDeviation:0.0} | " +
        $"best {run.Best.Mean:0.0} at {run.Best.Step} ({settings.Preset.EvaluationEpisodes} tracks)");

    // A video where ffmpeg is there, else the far larger animated PNG.
    private static string Film(
        FrameStack environment, Policy policy, ulong track, string name, int maxFrames, CancellationToken cancellationToken)
    {
        string path = name + ".webm";
        EpisodeSummary lap;
        try
        {
            lap = FilmFile.Record(environment, policy, track, path, maxFrames, cancellationToken);
        }
        catch (VideoEncodingException)
        {
            path = Path.ChangeExtension(path, ".png");
            lap = FilmFile.Record(environment, policy, track, path, maxFrames, cancellationToken);
        }

        return $"{path}: track {track}, {lap.Frames} frames, return {lap.Return:0.0}";
    }
}
