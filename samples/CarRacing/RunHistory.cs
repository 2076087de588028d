using System.Globalization;

namespace Dqn.Samples.CarRacing;

/// <summary>What a run's <c>history.csv</c> says.</summary>
internal static class RunHistory
{
    private const string StepColumn = "step", MeanColumn = "evaluation/mean";

    /// <summary>The mean return of each evaluation and the agent step after which it was.</summary>
    public static List<(double Step, double Mean)> Evaluations(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no {path}; expected the folder of a run.");
        string[] lines = File.ReadAllLines(path);
        string[] columns = lines.Length == 0 ? [] : lines[0].Split(',');
        int step = Array.IndexOf(columns, StepColumn), mean = Array.IndexOf(columns, MeanColumn);
        if (step < 0 || mean < 0)
            throw new InvalidDataException($"{path}: expected the columns {StepColumn} and {MeanColumn}, got '{string.Join(',', columns)}'.");
        var evaluations = new List<(double, double)>();
        foreach (string line in lines.AsSpan(1))
        {
            string[] cells = line.Split(',');
            if (cells.Length != columns.Length)
                throw new InvalidDataException($"{path}: expected {columns.Length} columns, got '{line}'.");
            if (cells[mean].Length > 0)
                evaluations.Add((Number(cells[step]), Number(cells[mean])));
        }

        return evaluations.Count > 0 ? evaluations : throw new InvalidDataException($"{path} has no evaluation yet.");

        double Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new InvalidDataException($"{path}: expected a number, got '{cell}'.");
    }
}
