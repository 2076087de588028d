using System.Globalization;
using System.IO.Compression;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.Trace;

/// <summary>An action of a trace file: one of the five, or controls.</summary>
internal readonly record struct TraceAction(int Action, CarControls? Controls)
{
    /// <summary>The action as it stands in a trace.</summary>
    public string[] Cells => Controls is { } controls
        ? [PythonFloat.Repr(controls.Steer), PythonFloat.Repr(controls.Gas), PythonFloat.Repr(controls.Brake)]
        : [Action.ToString(CultureInfo.InvariantCulture)];

    public StepResult Apply(CarRacingEnvironment environment) =>
        Controls is { } controls ? environment.Step(controls) : environment.Step(Action);

    /// <summary>
    /// Reads the column "action", or "steer", "gas" and "brake", of a CSV with a header. Rows without an action (a
    /// trace's first, the reset) are passed over.
    /// </summary>
    /// <exception cref="InvalidDataException">A column is missing or a cell is no such number: the message says where.</exception>
    public static List<TraceAction> Read(FileInfo file, bool continuous)
    {
        if (!file.Exists)
            throw new FileNotFoundException($"There is no actions file {file.FullName}.");
        using Stream raw = file.OpenRead();
        using Stream stream = file.Extension == ".gz" ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var reader = new StreamReader(stream);

        string[] header = (reader.ReadLine() ?? "").Split(',');
        int[] columns = [.. (continuous ? ["steer", "gas", "brake"] : new[] { "action" }).Select(Column)];
        var actions = new List<TraceAction>();
        for (int line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            string[] cells = text.Split(',');
            if (cells.Length <= columns.Max())
                throw new InvalidDataException($"{file.Name} line {line}: expected {header.Length} cells, got {cells.Length}.");
            if (columns.All(column => cells[column].Length == 0))
                continue;
            actions.Add(continuous
                ? new TraceAction(0, new CarControls(Number(columns[0]), Number(columns[1]), Number(columns[2])))
                : new TraceAction(Whole(columns[0]), null));

            double Number(int column) =>
                double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
                : throw new InvalidDataException($"{file.Name} line {line}: expected a number as {header[column]}, got '{cells[column]}'.");

            int Whole(int column) =>
                int.TryParse(cells[column], NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value
                : throw new InvalidDataException($"{file.Name} line {line}: expected an action 0 … 4, got '{cells[column]}'.");
        }

        return actions;

        int Column(string name)
        {
            int column = Array.IndexOf(header, name);
            return column >= 0 ? column : throw new InvalidDataException(
                $"{file.Name}: expected a column '{name}' for {(continuous ? "continuous" : "discrete")} actions, got: {string.Join(", ", header)}.");
        }
    }
}
