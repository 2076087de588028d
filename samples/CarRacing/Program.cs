using System.CommandLine;
using Dqn.Agents;
using Dqn.Samples.CarRacing;

// Without a command it trains: the first thing that somebody who cloned the repository wants to see.
Command train = TrainCommand.Create("train", "Train a DQN to drive CarRacing from pixels (the default).");
RootCommand root = TrainCommand.AddTo(new RootCommand("CarRacing from pixels with a DQN: train it, test it, watch it drive."));
root.Add(train);
root.Add(EvaluateCommand.Create());
root.Add(RecordCommand.Create());
root.Add(WatchCommand.Create());
root.Add(PlotCommand.Create());
root.Add(DashboardCommand.Create());
root.Add(ExportCommand.Create());

try
{
    ParseResult result = root.Parse(args);
    return result.Errors.Count > 0 ? Misspelt.Report(result) : result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
    or InvalidDataException or InvalidOperationException or NotSupportedException or FormatException
    or TrainingDivergedException)
{
    Console.Error.WriteLine($"error: {exception.Message.ReplaceLineEndings(" ")}");
    return 1;
}
