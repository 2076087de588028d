using System.CommandLine;
using BenchmarkDotNet.Running;
using Dqn.Benchmarks;
using Dqn.Benchmarks.CartPole;
using Dqn.Benchmarks.Engines;
using Dqn.Benchmarks.Gpu;
using Dqn.Benchmarks.Learning;
using Dqn.Benchmarks.Profiles;

var root = new RootCommand(
    "Measures Dqn. Without a command it is BenchmarkDotNet's: --filter '*' for all, --filter '*' --job short for a quick look, --list flat.")
{
    SpeedCommand.Create(),
    ProfileCommand.Create(),
    NetworksCommand.Create(),
    CartPoleCommand.Create(),
    LearningCommand.Create(),
    EnginesCommand.Create(),
    GpuCommand.Create(),
    GpuCommand.CreateColumn(),
};
bool ours = args is ["--help" or "-h" or "-?", ..] || root.Subcommands.Any(command => command.Name == args.FirstOrDefault());
if (!ours)
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    return 0;
}

try
{
    // A training that is interrupted is saved, however long that takes.
    return root.Parse(args).Invoke(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = Timeout.InfiniteTimeSpan,
    });
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or NotSupportedException)
{
    Console.Error.WriteLine($"error: {exception.Message}");
    return 1;
}
