using System.CommandLine;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Shows a model driving, in the terminal, in true-colour half blocks.</summary>
internal static class WatchCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var seed = new Option<ulong>("--seed") { Description = "The first track; the next ones follow.", DefaultValueFactory = _ => 20_000 };
        var episodes = new Option<int>("--episodes", "-n") { Description = "How many tracks; Ctrl-C ends it earlier.", DefaultValueFactory = _ => int.MaxValue };
        var fast = new Option<bool>("--fast") { Description = "As fast as it goes, rather than in real time." };
        var command = new Command("watch", "Watch a model drive in the terminal.") { seed, episodes, fast };
        model.AddTo(command);
        command.SetAction(result =>
        {
            using CarRacingDriver driver = model.Load(result);
            using FrameStack environment = driver.CreateEnvironment();
            using var interruption = new Interruption();
            using Stream terminal = Console.OpenStandardOutput();
            using var writer = new StreamWriter(terminal, bufferSize: 1 << 20);
            EpisodeStatistics statistics = environment.Find<EpisodeStatistics>()!;
            double picturesPerSecond = result.GetValue(fast) ? 0 : 12.5; // Four frames of 1/50 s to a decision.
            ulong first = result.GetValue(seed), track = first;
            string last = "";
            for (; track - first < (ulong)result.GetValue(episodes) && !interruption.Token.IsCancellationRequested; track++)
            {
                using var screen = new TerminalSink(
                    writer, CarRacingEnvironment.RenderWidth, CarRacingEnvironment.RenderHeight, picturesPerSecond, interruption.Token)
                {
                    Caption = () => $"track {track}   return {statistics.Return,7:0.0}   frame {statistics.Frames,4}   Ctrl-C ends",
                };
                EpisodeSummary lap = EpisodeFilm.Record(environment, driver.Act, screen, track, cancellationToken: interruption.Token);
                last = $"track {track}: return {lap.Return:0.0} after {lap.Frames} frames";
            }

            writer.WriteLine(last);
        });
        return command;
    }
}
