using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Training;

/// <summary>
/// The mean of the middle half of scores, and how far it is to be trusted: what few seeds say of an algorithm. Less moved
/// by one lucky run than the mean, and by less of the data ignored than the median. Source: R. Agarwal, M. Schwarzer, P. S.
/// Castro, A. Courville, M. Bellemare, "Deep reinforcement learning at the edge of the statistical precipice" (2021).
/// </summary>
/// <example><code>
/// double[] returns = [493.1, 500, 471.5, 500, 488.2]; // One for each seed.
/// double middle = InterquartileMean.Of(returns);
/// (double low, double high) = InterquartileMean.Interval([returns]);
/// </code></example>
public static class InterquartileMean
{
    /// <summary>The mean without the lowest and the highest quarter; a score on the border counts in part.</summary>
    /// <param name="scores">At least one, finite.</param>
    /// <exception cref="ArgumentException">There is none, or one is not finite.</exception>
    public static double Of(ReadOnlySpan<double> scores)
    {
        Require(scores);
        double[] sorted = scores.ToArray();
        Array.Sort(sorted);
        return OfSorted(sorted);
    }

    /// <summary>
    /// The percentile bootstrap's confidence interval of the interquartile mean over all tasks' runs: runs are drawn anew
    /// within each task (stratified), as often as there are.
    /// </summary>
    /// <param name="scores">For each task the scores of its runs, normalised so that tasks may be averaged.</param>
    /// <param name="confidence">Above 0, below 1. Default 0.95.</param>
    /// <param name="resamples">How often runs are drawn anew, at least 1. Default 2,000.</param>
    /// <param name="seed">Of what is drawn: the same scores and seed give the same interval.</param>
    /// <exception cref="ArgumentException">There is no task, one has no score, or a score is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another argument is out of its range.</exception>
    public static (double Low, double High) Interval(
        IReadOnlyList<IReadOnlyList<double>> scores, double confidence = 0.95, int resamples = 2_000, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (!(confidence is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "Expected a confidence above 0 and below 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (scores.Count == 0)
            throw new ArgumentException("Expected at least one task, got none.", nameof(scores));
        ImmutableArray<double[]> tasks = [.. scores.Select(runs => runs.ToArray())];
        foreach (double[] runs in tasks)
            Require(runs);

        var random = new Pcg64(seed);
        var means = new double[resamples];
        var drawn = new double[tasks.Sum(runs => runs.Length)];
        for (int i = 0; i < resamples; i++)
        {
            int next = 0;
            foreach (double[] runs in tasks)
                for (int run = 0; run < runs.Length; run++)
                    drawn[next++] = runs[random.Integer(runs.Length)];
            Array.Sort(drawn);
            means[i] = OfSorted(drawn);
        }

        Array.Sort(means);
        double tail = 100 * (1 - confidence) / 2;
        return (EvaluationResult.Percentile(means, tail), EvaluationResult.Percentile(means, 100 - tail));
    }

    private static double OfSorted(double[] sorted)
    {
        // Each score is a piece of a line of length 1 per score; the middle half of that line counts.
        double first = sorted.Length / 4.0, last = sorted.Length - first, sum = 0;
        for (int i = (int)first; i < sorted.Length && i < last; i++)
            sum += sorted[i] * (Math.Min(i + 1, last) - Math.Max(i, first));
        return sum / (last - first);
    }

    private static void Require(ReadOnlySpan<double> scores)
    {
        if (scores.IsEmpty)
            throw new ArgumentException("Expected at least one score, got none.", nameof(scores));
        foreach (double score in scores)
            if (!double.IsFinite(score))
                throw new ArgumentException($"Expected finite scores, got {score}.", nameof(scores));
    }
}
