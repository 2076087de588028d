using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Dqn.Benchmarks.Engines;

/// <summary>
/// BenchmarkDotNet's measurements of <see cref="EngineBenchmarks"/> as one table: the medians of the rounds' medians, and
/// the other engines' times as multiples of the built-in one's in the same round.
/// </summary>
internal static class EngineTable
{
    public static void Run(string? path)
    {
        Summary summary = BenchmarkRunner.Run<EngineBenchmarks>();
        using StringWriter text = new();
        Write(summary, text);
        Console.WriteLine();
        Console.WriteLine(text);
        if (path is not null)
            File.WriteAllText(path, text.ToString());
    }

    private static void Write(Summary summary, TextWriter text)
    {
        Cell[] cells = [.. summary.Reports.Where(report => report is { Success: true, ResultStatistics: not null }).Select(report => new Cell(report))];
        string[] engines = [.. cells.Select(cell => cell.Engine).Distinct()];
        int[] threads = [.. cells.Select(cell => cell.Threads).Distinct().Order()];
        text.WriteLine("# The built-in engine and LibTorch");
        text.WriteLine();
        text.WriteLine(
            $"The notebook's network, RMSProp. Milliseconds, the median of {EngineConfig.Rounds} rounds in which the engines " +
            "take turns. × is how many times as long as the built-in engine in the same round, the median of the rounds, " +
            "with the least and the greatest.");
        text.WriteLine();
        Machine.Describe(text);
        foreach (string engine in Engine.All.Except(engines))
            text.WriteLine($"- {engine} was not measured: {Engine.Missing(engine)}");
        text.WriteLine();
        text.WriteLine("| | batch |" + string.Concat(threads.SelectMany(count => engines.Select(engine =>
            $" {count} thread{(count == 1 ? "" : "s")}: {engine} |{(engine == Engine.BuiltIn ? "" : " × |")}"))));
        text.WriteLine("|---|--:|" + string.Concat(threads.SelectMany(_ => engines.Select(engine =>
            engine == Engine.BuiltIn ? "--:|" : "--:|---|"))));
        foreach (var row in cells.GroupBy(cell => (cell.Operation, cell.BatchSize)).OrderBy(row => row.Key))
        {
            text.Write($"| {row.Key.Operation.ToLowerInvariant()} | {row.Key.BatchSize} |");
            foreach (int count in threads)
                foreach (string engine in engines)
                    text.Write(Figures([.. row.Where(cell => cell.Threads == count)], engine));
            text.WriteLine();
        }
    }

    private static string Figures(Cell[] cells, string engine)
    {
        Cell[] own = [.. cells.Where(cell => cell.Engine == engine)];
        Cell[] builtIn = [.. cells.Where(cell => cell.Engine == Engine.BuiltIn)];
        if (own.Length == 0)
            return engine == Engine.BuiltIn ? " – |" : " – | – |";
        string figure = $" {Significant.Digits(Median(own))} |";
        if (engine == Engine.BuiltIn || builtIn.Length == 0)
            return engine == Engine.BuiltIn ? figure : figure + " – |";
        double[] ratios =
        [
            .. own.Join(
                builtIn, cell => cell.Round, cell => cell.Round,
                (one, other) => one.Milliseconds / other.Milliseconds).Order(),
        ];
        return $"{figure} **{Quantiles.Of(ratios, 0.5):0.0}** ({ratios[0]:0.0} – {ratios[^1]:0.0}) |";
    }

    private static double Median(Cell[] cells) => Quantiles.Median(cells.Select(cell => cell.Milliseconds));

    /// <summary>One case of one round.</summary>
    private sealed class Cell(BenchmarkReport report)
    {
        public string Operation { get; } = report.BenchmarkCase.Descriptor.WorkloadMethod.Name;

        public string Round { get; } = report.BenchmarkCase.Job.Id;

        public string Engine { get; } = (string)report.BenchmarkCase.Parameters[nameof(EngineBenchmarks.Engine)];

        public int Threads { get; } = (int)report.BenchmarkCase.Parameters[nameof(EngineBenchmarks.Threads)];

        public int BatchSize { get; } = (int)report.BenchmarkCase.Parameters[nameof(EngineBenchmarks.BatchSize)];

        /// <summary>The iterations' median.</summary>
        public double Milliseconds { get; } = report.ResultStatistics!.Median / 1e6;
    }
}
