using System.CommandLine;

namespace Dqn.Benchmarks.Profiles;

/// <summary>Starts <see cref="NetworkTable"/>.</summary>
internal static class NetworksCommand
{
    public static Command Create()
    {
        Argument<int[]> threads = Numbers.Threads();
        var part = new Argument<string>("part") { Description = "Part of the networks' names. Default: all.", DefaultValueFactory = _ => "" };
        var command = new Command("networks", "Networks and batch sizes beside the multiply-add peak.") { threads, part };
        command.SetAction(result => NetworkTable.Print(result.GetRequiredValue(threads), result.GetRequiredValue(part)));
        return command;
    }
}
