using System.Text.Json;

namespace Dqn.Fuzz;

/// <summary>What has been found so far: kept on disk, so that a campaign that was stopped goes on.</summary>
internal sealed record Figures
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Of the campaign; block b damages with the random numbers of seed + b.</summary>
    public ulong Seed { get; init; }

    /// <summary>Blocks of files that are done.</summary>
    public long Blocks { get; set; }

    public long Files { get; set; }

    public long Read { get; set; }

    public double Seconds { get; set; }

    /// <summary>Refusals made of what shows a fault of the reader, such as an index out of range.</summary>
    public long FaultsBehindRefusals { get; set; }

    public double SlowestSeconds { get; set; }

    public string SlowestTarget { get; set; } = "";

    /// <summary>Allocated bytes as a share of what is allowed.</summary>
    public double LargestShare { get; set; }

    public long LargestBytes { get; set; }

    public string LargestTarget { get; set; } = "";

    /// <summary>Undocumented exceptions by target and type.</summary>
    public SortedDictionary<string, long> Undocumented { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Files by target, and how many of them were read.</summary>
    public SortedDictionary<string, Count> Targets { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Files of one target.</summary>
    public sealed class Count
    {
        public long Files { get; set; }

        public long Read { get; set; }
    }

    /// <summary>Goes on with a file's figures, or begins.</summary>
    public static Figures Load(string? path, ulong seed)
    {
        if (path is null || !File.Exists(path))
            return new Figures { Seed = seed };
        Figures figures = JsonSerializer.Deserialize<Figures>(File.ReadAllText(path))!;
        return figures.Seed == seed ? figures : throw new InvalidOperationException(
            $"{path}: expected a campaign of seed {seed}, got {figures.Seed}: name another --log.");
    }

    public void Save(string path)
    {
        File.WriteAllText($"{path}.new", JsonSerializer.Serialize(this, s_indented));
        File.Move($"{path}.new", path, overwrite: true);
    }
}
