using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// A CSV file with the columns <c>step</c> and the metrics asked for, a row for each step that has one of them; other
/// metrics are left out. Numbers are written so that they read back exactly; a cell without a number is empty.
/// The rows are part of the saved state and the file is replaced as a whole, so it is never half-written, and after
/// <see cref="LoadState"/> it is what it was at that moment, whatever came after.
/// </summary>
public sealed class CsvMetricSink : IMetricSink
{
    private readonly string _path;
    private readonly List<(long Step, double[] Values)> _rows = [];
    private bool _changed = true;

    /// <summary>Makes an empty table; the file appears with the first <see cref="Flush"/>.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="columns">
    /// The metrics' names, in order, without <c>step</c>; no commas, quotes or line breaks.
    /// </param>
    public CsvMetricSink(string path, ImmutableArray<string> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        foreach (string column in columns)
        {
            if (string.IsNullOrEmpty(column) || column.AsSpan().ContainsAny(",\"\r\n"))
            {
                throw new ArgumentException(
                    $"Expected column names without commas, quotes and line breaks, got '{column}'.", nameof(columns));
            }
        }

        (_path, Columns) = (path, columns);
    }

    /// <summary>The metrics' names, in order, without <c>step</c>.</summary>
    public ImmutableArray<string> Columns { get; }

    /// <summary>
    /// The rows so far: a step and its numbers in the order of <see cref="Columns"/>, NaN where there is none.
    /// </summary>
    public IReadOnlyList<(long Step, double[] Values)> Rows => _rows;

    /// <inheritdoc/>
    public void Write(string name, long step, double value)
    {
        int column = Columns.IndexOf(name);
        if (column < 0)
            return;
        if (_rows.Count == 0 || _rows[^1].Step != step)
        {
            if (_rows.Count > 0 && _rows[^1].Step > step)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(step), step, $"Expected a step of at least {_rows[^1].Step}, the last row's.");
            }

            _rows.Add((step, NoNumbers()));
        }

        _rows[^1].Values[column] = value;
        _changed = true;
    }

    /// <summary>Replaces the file where rows have come since the last time.</summary>
    public void Flush()
    {
        if (!_changed)
            return;
        ReplacingFile.Write(_path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            writer.Write("step");
            foreach (string column in Columns)
                writer.Write($",{column}");
            writer.WriteLine();
            foreach ((long step, double[] values) in _rows)
            {
                writer.Write(step.ToString(CultureInfo.InvariantCulture));
                foreach (double value in values)
                {
                    writer.Write(',');
                    if (!double.IsNaN(value))
                        writer.Write(value.ToString("R", CultureInfo.InvariantCulture));
                }

                writer.WriteLine();
            }
        });
        _changed = false;
    }

    /// <summary>Writes all rows.</summary>
    public void SaveState(BinaryWriter writer) => SaveState(writer, Columns);

    /// <summary>Writes some columns of all rows.</summary>
    internal void SaveState(BinaryWriter writer, ImmutableArray<string> columns)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(columns.Length);
        foreach (string column in columns)
            writer.Write(column);
        int[] places = Places(columns);
        writer.Write(_rows.Count);
        foreach ((long step, double[] values) in _rows)
        {
            writer.Write(step);
            foreach (int place in places)
                writer.Write(values[place]);
        }
    }

    /// <summary>
    /// Takes the rows that <see cref="SaveState(BinaryWriter)"/> wrote in place of its own and replaces the file with them.
    /// </summary>
    /// <exception cref="InvalidDataException">The state is of another table, or its steps go back.</exception>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ReadState(reader, Columns);
        Flush();
    }

    /// <summary>As <see cref="LoadState"/>, of some columns; the file follows with the next <see cref="Flush"/>.</summary>
    internal void ReadState(BinaryReader reader, ImmutableArray<string> columns)
    {
        List<(long Step, double[] Values)> rows = ReadRows(reader, columns);
        _rows.Clear();
        _rows.AddRange(rows);
        _changed = true;
    }

    /// <summary>Adds other columns to the rows that were read.</summary>
    internal void ReadMore(BinaryReader reader, ImmutableArray<string> columns)
    {
        List<(long Step, double[] Values)> more = ReadRows(reader, columns);
        if (!more.Select(row => row.Step).SequenceEqual(_rows.Select(row => row.Step)))
            throw new InvalidDataException($"History: expected {_rows.Count} rows of the same steps in its parts, got {more.Count} or others.");
        int[] places = Places(columns);
        for (int row = 0; row < more.Count; row++)
        {
            foreach (int place in places)
                _rows[row].Values[place] = more[row].Values[place];
        }

        _changed = true;
    }

    private List<(long Step, double[] Values)> ReadRows(BinaryReader reader, ImmutableArray<string> columns)
    {
        int width = reader.ReadInt32();
        if (width != columns.Length)
            throw new InvalidDataException($"History: expected {columns.Length} columns, got {width}.");
        foreach (string expected in columns)
        {
            string actual = reader.ReadText();
            if (actual != expected)
                throw new InvalidDataException($"History: expected the column '{expected}', got {FileText.Quote(actual)}.");
        }

        int count = reader.ReadInt32();
        if (count < 0)
            throw new InvalidDataException($"History: expected at least 0 rows, got {count}.");
        int[] places = Places(columns);
        var rows = new List<(long Step, double[] Values)>();
        for (int i = 0; i < count; i++)
        {
            long step = reader.ReadInt64();
            if (i > 0 && step <= rows[^1].Step)
                throw new InvalidDataException($"History: expected a step above {rows[^1].Step} in row {i}, got {step}.");
            double[] values = NoNumbers();
            foreach (int place in places)
                values[place] = reader.ReadDouble();
            rows.Add((step, values));
        }

        return rows;
    }

    private int[] Places(ImmutableArray<string> columns) => [.. columns.Select(column => Columns.IndexOf(column))];

    private double[] NoNumbers()
    {
        var values = new double[Columns.Length];
        Array.Fill(values, double.NaN);
        return values;
    }

    /// <inheritdoc cref="Flush"/>
    public void Dispose() => Flush();
}
