using System.CommandLine;

namespace Dqn.Benchmarks.Engines;

/// <summary>Starts <see cref="EngineTable"/>.</summary>
internal static class EnginesCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo?>("file") { Description = "Where to write the table, as markdown.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(
            "engines", "The built-in engine beside LibTorch, by BenchmarkDotNet; build with -p:LibTorch=libtorch-cpu-linux-x64.") { file };
        command.SetAction(result => EngineTable.Run(result.GetValue(file)?.FullName));
        return command;
    }
}
