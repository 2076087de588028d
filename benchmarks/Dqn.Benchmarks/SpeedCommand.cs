using System.CommandLine;

namespace Dqn.Benchmarks;

/// <summary>Starts <see cref="Speed"/>.</summary>
internal static class SpeedCommand
{
    public static Command Create()
    {
        Argument<int> threads = new Argument<int>("threads")
        {
            Description = "How many threads learn. Default: one per processor.",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        }.AboveZero();
        var command = new Command("speed", "What this machine does, in about a minute.") { threads };
        command.SetAction(result => Speed.Run(result.GetRequiredValue(threads)));
        return command;
    }
}
