using System.CommandLine;
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>Films a model driving one track.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var seed = new Option<ulong>("--seed") { Description = "Which track.", DefaultValueFactory = _ => 20_000 };
        var output = new Option<FileInfo>("--out", "-o") { Description = "The film: .webm or .mp4 (through ffmpeg), .webp, .gif or .png (all animated).", Required = true };
        var maxFrames = new Option<int>("--max-frames") { Description = "End the film after so many frames (50 a second).", DefaultValueFactory = _ => 1000 };
        var command = new Command("record", "Film a model driving one track.") { seed, output, maxFrames };
        model.AddTo(command);
        command.SetAction(result =>
        {
            using CarRacingDriver driver = model.Load(result);
            using FrameStack environment = driver.CreateEnvironment();
            using var interruption = new Interruption();
            string path = result.GetRequiredValue(output).FullName;
            (double sum, int frames) = Recording.Make(
                environment, driver.Act, result.GetValue(seed), path, result.GetValue(maxFrames), interruption.Token);
            Console.WriteLine($"{path}: track {result.GetValue(seed)}, {frames} frames, return {sum:0.00}");
        });
        return command;
    }
}
