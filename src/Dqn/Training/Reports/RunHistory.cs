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
    public IReadOnlyList<(double Step, double Value)> Series(string column)
    {
        int index = _columns.IndexOf(column);
        if (index < 0)
        {
            throw new InvalidDataException(
                $"Expected a column '{column}' in the history, got {FileText.List(_columns)}.");
        }

        return [.. _rows.Where(row => double.IsFinite(row[index])).Select(row => (row[0], row[index]))];
    }

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
