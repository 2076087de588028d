using System.CommandLine;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Drives tracks that the model was not trained on and reports the official returns.</summary>
internal static class EvaluateCommand
{
    private const int TracksAtATime = 16;

    public static Command Create()
    {
        var model = new ModelOptions();
        var episodes = new Option<int>("--episodes", "-n") { Description = "How many tracks.", DefaultValueFactory = _ => 100 };
        var seed = new Option<ulong>("--seed") { Description = "The first track's seed; the others follow.", DefaultValueFactory = _ => 20_000 };
        var csv = new Option<FileInfo?>("--csv") { Description = "Write seed, return, agent steps, frames and ending of each track here." };
        var parallel = new Option<int?>("--parallel")
        {
            Description = $"Drive so many tracks side by side, {TracksAtATime} if no number follows. The results are the same.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var percentage = new Option<bool>("--lap-ends-on-percentage")
        {
            Description = "The lap ends at the start with 95 % of the tiles visited, tiles missed or not; Gymnasium's ends with all of them.",
        };
        var command = new Command("evaluate", "Drive unseen tracks, greedily, and report the returns.") { episodes, seed, csv, parallel, percentage };
        model.AddTo(command);
        command.SetAction(result => Run(
            () => model.Load(result), result.GetValue(episodes), result.GetValue(seed), result.GetValue(csv),
            result.GetResult(parallel) is null ? 1 : result.GetValue(parallel) ?? TracksAtATime,
            new CarRacingOptions { LapEndsOnPercentage = result.GetValue(percentage) }));
        return command;
    }

    private static void Run(Func<CarRacingDriver> load, int episodes, ulong seed, FileInfo? csv, int parallel, CarRacingOptions task)
    {
        if (parallel < 1)
            throw new ArgumentException($"--parallel: expected at least 1, got {parallel}.");
        var options = new EvaluationOptions { Episodes = episodes, FirstSeed = seed };
        using CarRacingDriver model = load();
        using var environments = new VectorEnvironment(Math.Min(parallel, episodes), _ => model.CreateEnvironment(task));
        using var interruption = new Interruption();
        EvaluationResult result = new Evaluator(environments, options).Evaluate(model.Network, interruption.Token);
        EvaluationTable.Print(Console.Out, result);
        if (csv is not null)
            File.WriteAllText(csv.FullName, EvaluationTable.Csv(result));
    }
}
