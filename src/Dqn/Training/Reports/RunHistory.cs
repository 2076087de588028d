using System.Collections.Immutable;
using System.Globalization;
using Dqn.Files;

namespace Dqn.Training;

/// <summary>What a run's <c>history.csv</c> says: a row for each report, numbers by column.</summary>
public sealed class RunHistory
{
    /// <summary>The column of the agent steps.</summary>
    public const string StepColumn = "step";

    /// <summary>The column of the evaluations' mean returns.</summary>
    public const string EvaluationMeanColumn = "evaluation/mean";

    /// <summary>The column of the evaluations' standard deviations.</summary>
    public const string EvaluationDeviationColumn = "evaluation/std";

    /// <summary>The column of the mean return of the last training episodes.</summary>
    public const string TrainingMeanColumn = "train/mean_return";

    /// <summary>
    /// The column of the training's time: seconds without evaluations and checkpoints, over all resumptions. Histories from
    /// before version 0.3 lack it.
    /// </summary>
    public const string SecondsColumn = "train/seconds";

    private readonly ImmutableArray<string> _columns;
    private readonly ImmutableArray<double[]> _rows;

    private RunHistory(ImmutableArray<string> columns, ImmutableArray<double[]> rows) => (_columns, _rows) = (columns, rows);

    /// <summary>The columns' names, <see cref="StepColumn"/> first.</summary>
    public ImmutableArray<string> Columns => _columns;

    /// <summary>Reads a run's history.</summary>
    /// <param name="path">The file, or the folder of a run that has it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no history: the message names what was expected and what came.</exception>
    public static RunHistory Read(string path)
    {
        if (Directory.Exists(path))
            path = Path.Combine(path, "history.csv");
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no {path}; expected a history.csv, or the folder of a run.", path);
        return Parse(File.ReadAllLines(path), path);
    }

    /// <summary>As <see cref="Read"/>, of a file's lines.</summary>
    internal static RunHistory Parse(string[] lines, string path)
    {
        ImmutableArray<string> columns = lines.Length == 0 ? [] : [.. lines[0].Split(',')];
        if (columns is not [StepColumn, ..])
        {
            throw new InvalidDataException(
                $"{path}: expected columns that begin with '{StepColumn}', got {FileText.Quote(string.Join(',', columns))}.");
        }

        return new RunHistory(columns, [.. lines.Skip(1).Select(line => Row(path, line, columns.Length))]);
    }

    /// <summary>The reports that have a number in a column: its value and the agent step.</summary>
    /// <exception cref="InvalidDataException">There is no such column.</exception>
    public IReadOnlyList<(double Step, double Value)> Series(string column) => Series(StepColumn, column);

    /// <summary>The reports that have a number in two columns: one over the other.</summary>
    /// <param name="over">The column of the first, <see cref="StepColumn"/> or <see cref="SecondsColumn"/>, say.</param>
    /// <param name="column">The column of the second.</param>
    /// <exception cref="InvalidDataException">There is no such column.</exception>
    public IReadOnlyList<(double Over, double Value)> Series(string over, string column)
    {
        int first = IndexOf(over), second = IndexOf(column);
        return [.. _rows.Where(row => double.IsFinite(row[first]) && double.IsFinite(row[second]))
            .Select(row => (row[first], row[second]))];
    }

    private int IndexOf(string column) => _columns.IndexOf(column) is >= 0 and var index
        ? index
        : throw new InvalidDataException($"Expected a column '{column}' in the history, got {FileText.List(_columns)}.");

    // An empty cell is NaN: that was not measured then.
    private static double[] Row(string path, string line, int columns)
    {
        if (line.AsSpan().Count(',') != columns - 1)
            throw new InvalidDataException($"{path}: expected {columns} columns, got {FileText.Quote(line)}.");
        var row = new double[columns];
        int column = 0;
        foreach (Range range in line.AsSpan().Split(','))
        {
            ReadOnlySpan<char> cell = line.AsSpan(range);
            row[column++] = cell.IsEmpty ? double.NaN
                : double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number
                : throw new InvalidDataException($"{path}: expected a number, got {FileText.Quote(cell.ToString())}.");
        }

        return row;
    }
}
