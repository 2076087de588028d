namespace Dqn.Benchmarks.Profiles;

/// <summary>A profile as a markdown table.</summary>
internal static class ProfileTable
{
    public static void Print(string title, ProfileRow[] rows, ProfileRow whole, List<double> peaks)
    {
        double peak = Quantiles.Median(peaks), best = peaks.Max(), step = Quantiles.Median(whole.Milliseconds);
        Console.WriteLine();
        Console.WriteLine(
            $"{title}; multiply-add peak {peak / 1e9:0.0} GFLOP/s (median; best {best / 1e9:0.0})");
        Console.WriteLine();
        Console.WriteLine("| | MFLOP | median ms | of the peak | least ms | of the best | of the step |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (ProfileRow row in rows.OrderBy(row => row.IsApart))
        {
            Line(row.Name, row.Flops, Quantiles.Median(row.Milliseconds), row.Milliseconds.Min());
            if (row is { HasInputGradients: true, HasWeights: true })
                Split(row);
        }

        double flops = rows.Sum(row => row.Flops);
        Line("the step", flops, step, whole.Milliseconds.Min());

        void Split(ProfileRow row)
        {
            List<double> weights = row.WeightGradients, both = row.HasOptimizer ? row.Gradients : row.Milliseconds;
            Line("… weights' gradients", row.Flops / 2, Quantiles.Median(weights), weights.Min());
            Difference("… inputs' gradients", row.Flops / 2, both, weights);
            if (row.HasOptimizer)
                Difference("… optimizer, instead of storing the gradients", 0, row.Milliseconds, both);
        }

        void Difference(string name, double flops, List<double> more, List<double> less) => Line(
            name, flops, Quantiles.Median(more) - Quantiles.Median(less), more.Min() - less.Min());

        void Line(string name, double flops, double median, double least) => Console.WriteLine(
            $"| {name} | {flops / 1e6:0.0} | {median:0.000} | {Share(flops, median, peak)} | {least:0.000} | " +
            $"{Share(flops, least, best)} | {median / step:0.0 %} |");

        static string Share(double flops, double milliseconds, double peak) =>
            flops > 0 ? $"{flops / milliseconds * 1e3 / peak:0 %}" : "";
    }
}
