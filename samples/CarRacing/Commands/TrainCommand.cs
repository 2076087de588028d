using System.CommandLine;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Environments.CarRacing;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Trains an agent, with the notebook's options unless told otherwise, and leaves a run folder.</summary>
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
        using IEnvironment environment = Pipeline(settings.EpisodeFrames), evaluationEnvironment = Pipeline(settings.EpisodeFrames);
        using DqnAgent agent = DqnAgent.Create(environment.Spec, settings.Agent, settings.Seed);
        var evaluator = new Evaluator(evaluationEnvironment, new EvaluationOptions { Episodes = settings.EvaluationEpisodes });
        string folder = Path.Combine(settings.Runs, settings.Resume ? settings.Name ?? RunName.Latest(settings.Runs) : settings.Name ?? RunName.Next(settings.Runs));
        if (settings.Resume && !Directory.Exists(folder))
            throw new InvalidOperationException($"There is no run to resume in {Path.GetFullPath(folder)}.");

        using var run = new TrainingRun(
            new TrainingRunOptions
            {
                Folder = folder,
                TotalSteps = settings.Steps,
                Seed = settings.Seed,
                EvaluationInterval = settings.EvaluationInterval,
                CheckpointInterval = settings.CheckpointInterval,
                WeightsExtension = ".safetensors",
                Settings = new JsonObject { ["episodeFrames"] = settings.EpisodeFrames },
            },
            agent, environment, evaluator);
        if (settings.Resume && !run.Resume())
            throw new InvalidOperationException($"There is no checkpoint in {Path.GetFullPath(folder)}.");
        if (settings.TensorBoard)
            run.AddSink(new TensorBoardMetricSink(folder, settings.Resume ? run.Steps : null));

        using var interruption = new Interruption();
        Console.WriteLine($"{(settings.Resume ? "resuming" : "training")} in {folder}");
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
        Film(Greedy.Policy(agent.Network), evaluator.Options.FirstSeed, folder, settings.EpisodeFrames, interruption.Token);
    }

    // A video where ffmpeg is there, else the far larger animated PNG.
    private static void Film(Policy policy, ulong track, string folder, int maxFrames, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, "evaluation.webm");
        double sum;
        int frames;
        try
        {
            (sum, frames) = Recording.Make(policy, track, path, maxFrames, cancellationToken);
        }
        catch (VideoEncodingException)
        {
            path = Path.ChangeExtension(path, ".png");
            (sum, frames) = Recording.Make(policy, track, path, maxFrames, cancellationToken);
        }

        Console.WriteLine($"{path}: the trained agent on track {track}, {frames} frames, return {sum:0.0}");
    }

    private static FrameStack Pipeline(int frames) => new CarRacingEnvironment()
        .WithTimeLimit(frames)
        .WithStatistics()
        .WithNoOpStart()
        .WithFrameSkip()
        .WithGreyCrop()
        .WithFrameStack();
}
