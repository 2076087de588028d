using System.Globalization;

namespace Dqn.Benchmarks.Learning;

/// <summary>An evaluation in the course of a training: a line of curves.csv.</summary>
/// <param name="Key">Which training.</param>
/// <param name="Step">After how many of its agent steps.</param>
/// <param name="Score">The mean return of greedy episodes.</param>
internal readonly record struct CurvePoint(CellKey Key, double Step, double Score)
{
    /// <summary>The columns' names.</summary>
    public const string Header = "task,agent,seed,steps,step,score";

    public static CurvePoint Parse(string line)
    {
        string[] fields = line.Split(',');
        if (fields.Length != Header.Split(',').Length)
            throw new InvalidDataException($"Expected the columns {Header}, got '{line}'.");
        return new(
            new CellKey(
                fields[0], fields[1], ulong.Parse(fields[2], CultureInfo.InvariantCulture),
                long.Parse(fields[3], CultureInfo.InvariantCulture)),
            double.Parse(fields[4], CultureInfo.InvariantCulture), double.Parse(fields[5], CultureInfo.InvariantCulture));
    }

    public string Format() => string.Create(
        CultureInfo.InvariantCulture, $"{Key.Task},{Key.Agent},{Key.Seed},{Key.Steps},{Step},{Score:0.####}");
}
