using System.CommandLine;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>Films a model driving one track.</summary>
internal static class RecordCommand
{
    public static Command Create()
    {
        Option<FileInfo> model = Model.Option();
        var seed = new Option<ulong>("--seed") { Description = "Which track.", DefaultValueFactory = _ => 20_000 };
        var output = new Option<FileInfo>("--out", "-o") { Description = "The film: .webm or .mp4 (through ffmpeg), .png (animated), .webp or .gif (built with -p:Adapters=true).", Required = true };
        var maxFrames = new Option<int>("--max-frames") { Description = "End the film after so many frames (50 a second).", DefaultValueFactory = _ => 1000 };
        var command = new Command("record", "Film a model driving one track.") { model, seed, output, maxFrames };
        command.SetAction(result =>
        {
            using QNetwork network = Model.Load(result.GetRequiredValue(model));
            using FrameStack environment = Model.CreateEnvironment(network);
            using var interruption = new Interruption();
            string path = result.GetRequiredValue(output).FullName;
            (double sum, int frames) = Recording.Make(
                environment, Greedy.Policy(network), result.GetValue(seed), path, result.GetValue(maxFrames), interruption.Token);
            Console.WriteLine($"{path}: track {result.GetValue(seed)}, {frames} frames, return {sum:0.00}");
        });
        return command;
    }
}
