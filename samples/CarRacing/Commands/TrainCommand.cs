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
        command.SetAction(result => Run(options.Read(result)));
        return command;
    }

    private static void Run(TrainSettings settings)
    {
        Preset preset = settings.Preset;
        using var environments = new VectorEnvironment(
            preset.Agent.Environments, _ => TrainingTask(settings), threads: preset.Agent.Network.Threads);
        using var unseen = new VectorEnvironment(
            Math.Min(preset.EvaluationEpisodes, 16), _ => Pipeline(settings), threads: preset.Agent.Network.Threads);
        using DqnAgent agent = CreateAgent(settings, environments.Spec);
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
        using FrameStack filmed = Pipeline(settings);
        Film(filmed, Greedy.Policy(agent.EvaluationNetwork), evaluator.Options.FirstSeed, folder, settings.EpisodeFrames, interruption.Token);
        string line = LogLine(settings, run, status);
        Console.WriteLine(line);
        if (settings.Log is { } log)
            File.AppendAllText(log.FullName, line + "\n");
    }

    private static DqnAgent CreateAgent(TrainSettings settings, EnvironmentSpec spec)
    {
        // As DqnAgent.Create does with a network of its own choice.
        var random = new Pcg64(settings.Seed);
        DqnOptions options = settings.Preset.Agent;
        Sequential architecture = settings.Preset.Network.Build(spec, options.Architecture);
        IQNetwork network = settings.Engine.MakeNetwork(architecture, random, options.Network);
        return new DqnAgent(network, spec, options, random.NextUInt64());
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

    private static FrameStack TrainingTask(TrainSettings settings) =>
        Pipeline(settings, new LostStart(settings.Preset.LostStarts), task => Shape(task, settings.Preset));

    // The time limit without rewards is around the rest: what it gives up is a setback too, and a tile that leaves more behind
    // than it gives does not put it off. Turning back does.
    private static IEnvironment Shape(IEnvironment task, Preset preset)
    {
        if (preset.ShapesLap)
        {
            task = new LapShaping(
                task, preset.MissedTilePenalty, preset.LapBonus, preset.FollowingTilePenalty, preset.EndsBehindLap, preset.StandingPenalty);
        }

        if (preset.ShapesWayBack)
            task = new WayBackShaping(task, preset.WayBackTurn, preset.WayBackDistance);
        if (preset.SetbackStarts > 0)
            task = task.WithSetbackStart(preset.SetbackStarts);
        return preset.RewardTimeout is { } steps ? task.WithRewardTimeout(steps, preset.RewardTimeoutTerminates) : task;
    }

    private static FrameStack Pipeline(
        TrainSettings settings, LostStart? start = null, Func<IEnvironment, IEnvironment>? shape = null) =>
        CarRacingEnvironment.CreatePixelPipeline(
            frames: settings.EpisodeFrames, downscale: settings.Preset.Network.Downscale,
            noOpFrames: settings.Preset.NoOpFrames, tileContrast: settings.Preset.TileContrast, shape: shape, start: start);
}
