using System.CommandLine;
using System.Diagnostics;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Media;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Shows a model driving, in the terminal, in true-colour half blocks.</summary>
internal static class WatchCommand
{
    private const int Width = CarRacingEnvironment.RenderWidth, Height = CarRacingEnvironment.RenderHeight;

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
            writer.Write(TerminalImage.Enter);
            string last = "";
            try
            {
                for (int i = 0; i < result.GetValue(episodes) && !interruption.Token.IsCancellationRequested; i++)
                {
                    last = Drive(environment, driver.Act, result.GetValue(seed) + (ulong)i, writer,
                        result.GetValue(fast), interruption.Token);
                }
            }
            finally
            {
                writer.Write(TerminalImage.Leave);
                writer.WriteLine(last);
                writer.Flush();
            }
        });
        return command;
    }

    private static string Drive(
        FrameStack environment, Policy policy, ulong seed, StreamWriter writer, bool fast, CancellationToken cancellationToken)
    {
        CarRacingEnvironment car = environment.Find<CarRacingEnvironment>()!;
        EpisodeStatistics statistics = environment.Find<EpisodeStatistics>()!;
        var picture = new byte[Width * Height * 3];
        var observation = new byte[environment.Spec.ObservationBytes];
        TerminalImage? image = null;
        environment.Reset(seed);
        StepResult result = default;
        long start = Stopwatch.GetTimestamp();
        for (int decisions = 1; !result.Ended && !cancellationToken.IsCancellationRequested; decisions++)
        {
            environment.Observe(observation);
            result = environment.Step(policy(observation, []));

            car.Render(picture);
            (int columns, int rows) = TerminalImage.Fit(Width, Height, Columns(), Math.Max(1, Rows() - 1));
            if (image is null || image.Columns != columns || image.Rows != rows)
            {
                image = new TerminalImage(columns, rows);
                writer.Write("\e[2J");
            }

            writer.Write(image.Render(picture, Width, Height));
            writer.Write($"\e[{rows + 1};1H\e[0m\e[Ktrack {seed}   return {statistics.Return,7:0.0}   frame {statistics.Frames,4}   Ctrl-C ends");
            writer.Flush();

            // Four frames of 1/50 s to a decision.
            TimeSpan ahead = TimeSpan.FromSeconds(decisions * 4 / 50.0) - Stopwatch.GetElapsedTime(start);
            if (!fast && ahead > TimeSpan.Zero)
                cancellationToken.WaitHandle.WaitOne(ahead);
        }

        return $"track {seed}: return {statistics.Return:0.0} after {statistics.Frames} frames";
    }

    // Redirected output has no size.
    private static int Columns() => Console.IsOutputRedirected ? 80 : Math.Max(2, Console.WindowWidth);

    private static int Rows() => Console.IsOutputRedirected ? 24 : Math.Max(2, Console.WindowHeight);
}
