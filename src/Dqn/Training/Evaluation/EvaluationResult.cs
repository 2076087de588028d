using System.Collections.Immutable;
using System.Globalization;

namespace Dqn.Training;

/// <summary>What an evaluation found.</summary>
public sealed class EvaluationResult : IEquatable<EvaluationResult>
{
    /// <summary>Summarises episodes.</summary>
    /// <param name="firstSeed">The seed of the first; the others' follow one by one.</param>
    /// <param name="episodes">At least one.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public EvaluationResult(ulong firstSeed, ImmutableArray<EpisodeSummary> episodes)
    {
        if (episodes.IsDefaultOrEmpty)
            throw new ArgumentException("Expected at least one episode.", nameof(episodes));
        (FirstSeed, Episodes) = (firstSeed, episodes);
        double[] sorted = [.. episodes.Select(episode => episode.Return)];
        Mean = sorted.Sum() / sorted.Length;
        StandardDeviation = Math.Sqrt(sorted.Sum(value => (value - Mean) * (value - Mean)) / sorted.Length);
        MeanSteps = episodes.Sum(episode => (double)episode.Steps) / episodes.Length;
        Array.Sort(sorted);
        (Minimum, Maximum, Percentile10) = (sorted[0], sorted[^1], Percentile(sorted, 10));
    }

    /// <summary>The seed of the first episode.</summary>
    public ulong FirstSeed { get; }

    /// <summary>The episodes, in the order of their seeds.</summary>
    public ImmutableArray<EpisodeSummary> Episodes { get; }

    /// <summary>The returns' mean.</summary>
    public double Mean { get; }

    /// <summary>The returns' standard deviation, dividing by their number: NumPy's <c>std()</c>.</summary>
    public double StandardDeviation { get; }

    /// <summary>The worst return.</summary>
    public double Minimum { get; }

    /// <summary>
    /// The returns' 10th percentile, linear between the two nearest: NumPy's <c>percentile(returns, 10)</c>.
    /// </summary>
    public double Percentile10 { get; }

    /// <summary>The best return.</summary>
    public double Maximum { get; }

    /// <summary>The mean number of agent steps in an episode.</summary>
    public double MeanSteps { get; }

    /// <summary>The seed of the episode with the worst return, the first of equals: the one to look at.</summary>
    public ulong WorstSeed => unchecked(FirstSeed + (ulong)Episodes.IndexOf(Episodes.MinBy(episode => episode.Return)));

    /// <summary>Equal in every episode.</summary>
    public bool Equals(EvaluationResult? other) =>
        other is not null && FirstSeed == other.FirstSeed && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EvaluationResult);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(FirstSeed, Episodes.Length, Mean);

    /// <summary>For a line of text: "mean 913.7 ± 12.3, 880.1 … 930.0, over 100 episodes from seed 20000".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"mean {Mean:0.0##} ± {StandardDeviation:0.0##}, {Minimum:0.0##} … {Maximum:0.0##}, over {Episodes.Length} episodes " +
        $"from seed {FirstSeed}");

    /// <summary>NumPy's <c>percentile</c> with its default method, linear interpolation.</summary>
    internal static double Percentile(ReadOnlySpan<double> sorted, double percent)
    {
        double position = (sorted.Length - 1) * percent / 100;
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
    }
}
