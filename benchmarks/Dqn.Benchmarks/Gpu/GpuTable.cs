using Dqn.Benchmarks.Engines;

namespace Dqn.Benchmarks.Gpu;

/// <summary>All columns' measurements as markdown: medians, and how many times as fast as the yardsticks.</summary>
internal sealed class GpuTable
{
    private readonly List<Measurement> _measurements = [];

    /// <summary>What a reader has to know of the run.</summary>
    public List<string> Notes { get; } = [];

    public void Add(string name, Outcome outcome)
    {
        _measurements.AddRange(outcome.Measurements);
        if (outcome.Problem is { } problem)
            Notes.Add($"{name}: {problem}");
    }

    /// <summary>Whether a column has a figure.</summary>
    public bool Has(string column) => _measurements.Any(item => item.Column == column);

    public string Write()
    {
        using StringWriter text = new();
        text.WriteLine("# The learner on this machine");
        text.WriteLine();
        text.WriteLine(
            "The notebook's network and RMSProp. *act* chooses actions for so many environments; *evaluate* and *fit* begin " +
            "and end in the program's memory; *learn* is a whole step: sampling from 20,000 remembered frames, the " +
            "target network's values, all of them computed, and the fit.");
        text.WriteLine();
        Machine.Describe(text);
        foreach (string gpu in Machine.Gpus())
            text.WriteLine($"- {gpu}");
        foreach (string note in Notes)
            text.WriteLine($"- {note.ReplaceLineEndings(" ")}");
        string[] columns = [.. Engine.All.Concat(Columns.Yardsticks).Where(Has)];
        text.WriteLine();
        text.WriteLine("Milliseconds, the median and half of what lies between the quartiles:");
        text.WriteLine();
        WriteTable(text, columns, (row, column) => Of(row, column) is { } found
            ? $"{Significant.Digits(found.Median * 1e3)} ± {(found.High - found.Low) / 2 / found.Median:0 %}"
            : null);
        foreach (string yardstick in Columns.Yardsticks.Where(Has))
        {
            text.WriteLine();
            text.WriteLine($"Times as fast as {yardstick}:");
            text.WriteLine();
            WriteTable(text, [.. columns.Intersect(Engine.All)], (row, column) =>
                Of(row, column) is { } own && Of(row, yardstick) is { } other ? $"{other.Median / own.Median:0.00}" : null);
        }

        return text.ToString();
    }

    private void WriteTable(
        TextWriter text, string[] columns, Func<(string Operation, int Batch), string, string?> cell)
    {
        text.WriteLine($"| | batch | {string.Join(" | ", columns)} |");
        text.WriteLine("|---|--:|" + string.Concat(columns.Select(_ => "--:|")));
        foreach (var row in _measurements.Select(item => (item.Operation, item.Batch)).Distinct()
            .OrderBy(row => Columns.Operations.ToList().IndexOf(row.Operation)).ThenBy(row => row.Batch))
        {
            string?[] cells = [.. columns.Select(column => cell(row, column))];
            if (cells.Any(figure => figure is not null))
                text.WriteLine($"| {row.Operation} | {row.Batch} | {string.Join(" | ", cells.Select(figure => figure ?? "–"))} |");
        }
    }

    private Measurement? Of((string Operation, int Batch) row, string column) => _measurements.FirstOrDefault(
        item => item.Column == column && item.Operation == row.Operation && item.Batch == row.Batch);
}
