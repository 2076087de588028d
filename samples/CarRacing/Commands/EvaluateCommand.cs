using System.CommandLine;
using System.Globalization;
using System.Text;
using Dqn.Environments.CarRacing;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Drives tracks that the model was not trained on and reports the official returns.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        Option<FileInfo> model = Model.Option();
        var episodes = new Option<int>("--episodes", "-n") { Description = "How many tracks.", DefaultValueFactory = _ => 100 };
        var seed = new Option<ulong>("--seed") { Description = "The first track's seed; the others follow.", DefaultValueFactory = _ => 20_000 };
        var csv = new Option<FileInfo?>("--csv") { Description = "Write seed, return and agent steps of each track here." };
        var command = new Command("evaluate", "Drive unseen tracks, greedily, and report the returns.") { model, episodes, seed, csv };
        command.SetAction(result => Run(
            result.GetRequiredValue(model), result.GetValue(episodes), result.GetValue(seed), result.GetValue(csv)));
        return command;
    }

    private static void Run(FileInfo model, int episodes, ulong seed, FileInfo? csv)
    {
        var options = new EvaluationOptions { Episodes = episodes, FirstSeed = seed };
        using var environment = CarRacingEnvironment.CreatePixelPipeline();
        using QNetwork network = Model.Load(model, environment.Spec);
        using var interruption = new Interruption();
        EvaluationResult result = new Evaluator(environment, options).Evaluate(network, interruption.Token);

        var table = new StringBuilder("seed,return,agent_steps,terminated\n");
        Console.WriteLine($"{"seed",12}  {"return",9}  {"agent steps",11}");
        for (int i = 0; i < episodes; i++)
        {
            EpisodeSummary episode = result.Episodes[i];
            ulong track = seed + (ulong)i;
            Console.WriteLine($"{track,12}  {episode.Return,9:0.00}  {episode.Steps,11}");
            table.Append(CultureInfo.InvariantCulture, $"{track},{PythonFloat.Repr(episode.Return)},{episode.Steps},{(episode.Terminated ? 1 : 0)}\n");
        }

        Console.WriteLine(
            $"{episodes} tracks: mean {result.Mean:0.00}, standard deviation {result.StandardDeviation:0.00}, " +
            $"min {result.Minimum:0.00}, 10th percentile {result.Percentile10:0.00}, max {result.Maximum:0.00}");
        if (csv is not null)
            File.WriteAllText(csv.FullName, table.ToString());
    }
}
