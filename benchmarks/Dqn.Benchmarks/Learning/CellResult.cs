using System.Globalization;

namespace Dqn.Benchmarks.Learning;

/// <summary>What one training of the table came to: a line of results.csv.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="Seed">Of the network, exploration and the environments.</param>
/// <param name="Steps">How many agent steps it learnt.</param>
/// <param name="Score">The mean return of greedy episodes afterwards, on seeds of their own.</param>
/// <param name="Deviation">Those episodes' standard deviation.</param>
/// <param name="Episodes">How many those were.</param>
/// <param name="Training">The mean return of the last 100 episodes of training, exploration in it; NaN where none ended.</param>
/// <param name="Seconds">Of training, evaluations and checkpoints aside.</param>
/// <param name="Updates">How many updates it made.</param>
/// <param name="Settings">A digest of all that decides the result, the seed aside.</param>
/// <param name="Commit">The program's version with the commit that it was built from.</param>
/// <param name="Machine">The processor, and how many trained at a time.</param>
/// <param name="Date">When it was finished, UTC.</param>
/// <param name="Command">What was asked for.</param>
internal sealed record CellResult(
    string Task, string Agent, ulong Seed, long Steps, double Score, double Deviation, int Episodes, double Training,
    double Seconds, long Updates, string Settings, string Commit, string Machine, string Date, string Command)
{
    /// <summary>The columns' names.</summary>
    public const string Header =
        "task,agent,seed,steps,score,deviation,episodes,training,seconds,updates,settings,commit,machine,date,command";

    /// <summary>Which training it is.</summary>
    public CellKey Key => new(Task, Agent, Seed, Steps);

    public static CellResult Parse(string line)
    {
        string[] fields = line.Split(',');
        if (fields.Length != Header.Split(',').Length)
            throw new InvalidDataException($"Expected the columns {Header}, got '{line}'.");
        return new(
            fields[0], fields[1], ulong.Parse(fields[2], CultureInfo.InvariantCulture),
            long.Parse(fields[3], CultureInfo.InvariantCulture), Number(fields[4]), Number(fields[5]),
            int.Parse(fields[6], CultureInfo.InvariantCulture), Number(fields[7]), Number(fields[8]),
            long.Parse(fields[9], CultureInfo.InvariantCulture), fields[10], fields[11], fields[12], fields[13], fields[14]);

        static double Number(string field) => double.Parse(field, CultureInfo.InvariantCulture);
    }

    public string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Task},{Agent},{Seed},{Steps},{Score:0.####},{Deviation:0.####},{Episodes},{Training:0.####},{Seconds:0.#}," +
        $"{Updates},{Settings},{Commit},{Plain(Machine)},{Date},{Plain(Command)}");

    private static string Plain(string text) => text.Replace(',', ';');
}
