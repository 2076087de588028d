using System.CommandLine;
using System.Globalization;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.Trace;

/// <summary>Steps the bare environment with given actions and writes what happened, to be compared with Gymnasium.</summary>
internal static class Program
{
    private const int RenderBytes = CarRacingEnvironment.RenderWidth * CarRacingEnvironment.RenderHeight * 3;

    private static int Main(string[] args)
    {
        try
        {
            return Create().Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or InvalidDataException or FormatException)
        {
            Console.Error.WriteLine($"error: {exception.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    private static RootCommand Create()
    {
        var seed = new Option<ulong>("--seed") { Description = "Seed of the reset.", Required = true };
        var actions = new Option<FileInfo>("--actions")
        {
            Description = "CSV (or .gz) with a column action, or steer, gas and brake with --continuous; a trace will do.",
            Required = true,
        };
        var output = new Option<FileInfo>("--out") { Description = "CSV to write, a row per frame (.gz: compressed).", Required = true };
        var frames = new Option<FileInfo?>("--frames") { Description = "File for the raw 96 × 96 × 3 RGB observations (.gz: compressed)." };
        var every = new Option<int>("--every") { Description = "Keep frame 0, every Kth and the terminal one.", DefaultValueFactory = _ => 1 };
        var continuous = new Option<bool>("--continuous") { Description = "Actions are steer, gas and brake." };
        var randomize = new Option<bool>("--domain-randomize") { Description = "Colours drawn from the random stream." };
        var rgb = new Option<FileInfo?>("--rgb") { Description = "File for raw 600 × 400 × 3 RGB renders (.gz: compressed)." };
        var at = new Option<string>("--at") { Description = "Which frames to render: 1,25,60.", DefaultValueFactory = _ => "" };
        var command = new RootCommand("Step the bare environment with the actions of a CSV and write states and frames.")
        {
            seed, actions, output, frames, every, continuous, randomize, rgb, at,
        };
        command.SetAction(result => Run(
            result.GetValue(seed), TraceAction.Read(result.GetRequiredValue(actions), result.GetValue(continuous)),
            result.GetRequiredValue(output).FullName, result.GetValue(frames)?.FullName, result.GetValue(every),
            result.GetValue(continuous), result.GetValue(randomize), result.GetValue(rgb)?.FullName, Indices(result.GetValue(at)!)));
        return command;
    }

    private static void Run(
        ulong seed, List<TraceAction> actions, string output, string? frames, int every, bool continuous, bool randomize,
        string? renders, HashSet<int> at)
    {
        if (every < 1)
            throw new ArgumentException($"--every: expected at least 1, got {every}.");
        using var environment = new CarRacingEnvironment(new CarRacingOptions { DomainRandomize = randomize });
        using var rowFile = new OutputFile(output);
        using OutputFile? frameFile = frames is null ? null : new OutputFile(frames);
        using OutputFile? renderFile = renders is null ? null : new OutputFile(renders);
        var rows = new StreamWriter(rowFile.Stream) { NewLine = "\n" };
        var observation = new byte[environment.Spec.ObservationBytes];
        var render = new byte[RenderBytes];

        environment.Reset(seed);
        rows.WriteLine(TraceRow.Header(continuous));
        Write(0, null, default);
        for (int frame = 1; frame <= actions.Count; frame++)
        {
            TraceAction action = actions[frame - 1];
            StepResult result = action.Apply(environment);
            Write(frame, action, result);
            if (result.Ended)
                break;
        }

        rows.Flush();
        rowFile.Complete();
        frameFile?.Complete();
        renderFile?.Complete();

        void Write(int frame, TraceAction? action, StepResult result)
        {
            rows.WriteLine(TraceRow.Format(frame, action, continuous, result.Reward, result.Terminated, environment));
            if (frameFile is not null && (frame % every == 0 || result.Ended))
            {
                environment.Observe(observation);
                frameFile.Stream.Write(observation);
            }

            if (renderFile is not null && at.Contains(frame))
            {
                environment.Render(render);
                renderFile.Stream.Write(render);
            }
        }
    }

    private static HashSet<int> Indices(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(cell =>
            int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index
            : throw new ArgumentException($"--at: expected frame numbers like 1,25,60, got '{cell}'."))];
}
