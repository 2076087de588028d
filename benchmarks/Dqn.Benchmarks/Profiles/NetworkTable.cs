using System.Diagnostics;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Profiles;

/// <summary>
/// Networks of several shapes at batch sizes 1 … 1024 on several numbers of threads: forward, and a whole fit (forward,
/// backward, RMSProp), beside what the processor's multiply-add units can do at most.
/// </summary>
internal static class NetworkTable
{
    private const double Seconds = 0.2;

    public static void Print(int[] threads, string part)
    {
        var peaks = new Dictionary<int, double>();
        foreach (int count in threads)
        {
            double[] rates = [.. Enumerable.Range(0, 5).Select(_ => MultiplyAddPeak.Measure(count, 0.1)).Order()];
            peaks[count] = rates[2];
            Console.WriteLine($"Multiply-add peak, {count} thread(s): {peaks[count] / 1e9:0.0} GFLOP/s");
        }

        Console.WriteLine();
        Console.WriteLine("| network | batch |" + string.Concat(threads.Select(
            count => $" {count} thread(s): forward ms | of the peak | fit ms | of the peak |")));
        Console.WriteLine("|---|--:|" + string.Concat(threads.Select(_ => "--:|--:|--:|--:|")));
        foreach ((string name, Sequential architecture, int[] batches) in Networks().Where(one => one.Name.Contains(part)))
            foreach (int batch in batches)
                PrintRow(name, architecture, batch, threads, peaks);
    }

    private static IEnumerable<(string Name, Sequential Architecture, int[] Batches)> Networks()
    {
        yield return ("CNN 4 × 84 × 84", new CnnActionValue(4, 5), [1, 2, 4, 8, 16, 31, 32, 33, 64, 128, 256, 512, 1024]);
        yield return ("small CNN 4 × 84 × 84", new SmallCnnActionValue(4, 5), [1, 16, 32, 64, 128, 256]);
        yield return ("CNN 1 × 64 × 64", new CnnActionValue(1, 18, 64, 64), [1, 32, 256]);
        yield return ("CNN 8 × 128 × 128", new CnnActionValue(8, 6, 128, 128), [1, 32, 256]);
        yield return ("residual 4 × 84 × 84, 16 to 32", Residual(16), [1, 32, 128]);
        yield return ("residual 4 × 84 × 84, 32 to 64", Residual(32), [32]);
        yield return ("MLP 4 → 128 → 128 → 2", new MlpActionValue(4, 2, 128, 128), [1, 32, 256, 1024]);
        yield return ("MLP 200 → 512 → 512 → 10", new MlpActionValue(200, 10, 512, 512), [1, 32, 256, 1024]);
    }

    /// <summary>
    /// IMPALA's network with so many filters, twice as many in its later stages: each a convolution, the largest of
    /// 3 × 3, and two residual blocks.
    /// </summary>
    internal static Sequential Residual(int filters)
    {
        int wide = 2 * filters;
        return new Sequential([4, 84, 84], true,
        [
            .. Stage("1", filters), .. Stage("2", wide), .. Stage("3", wide), new Relu(), new Flatten(),
            new Linear("fc1", 256), new Relu(), new Linear("fc2", 5),
        ]);

        static Layer[] Stage(string name, int filters) =>
        [
            new Conv2d($"conv{name}", filters, 3, padding: 1), new MaxPool2d(3, 2, 1), Block($"{name}a", filters),
            Block($"{name}b", filters),
        ];

        static Residual Block(string name, int filters) => new(
        [
            new Relu(), new Conv2d($"{name}1", filters, 3, padding: 1), new Relu(),
            new Conv2d($"{name}2", filters, 3, padding: 1),
        ]);
    }

    private static void PrintRow(
        string name, Sequential architecture, int batch, int[] threads, Dictionary<int, double> peaks)
    {
        (double forward, double fit) = LayerWork.PerItem(architecture);
        var observations = new byte[batch * architecture.ObservationBytes];
        if (architecture.Pixels)
            new Random(1).NextBytes(observations);
        var values = new float[batch * architecture.ActionCount];
        var targets = new float[batch];
        int[] actions = [.. Enumerable.Range(0, batch).Select(item => item % architecture.ActionCount)];
        Console.Write($"| {name} | {batch} |");
        foreach (int count in threads)
        {
            var options = new QNetworkOptions { Threads = count };
            using QNetwork network = new(architecture, new Pcg64(1), options);
            Cell(forward * batch, peaks[count], () => network.Evaluate(observations, values));
            Cell(fit * batch, peaks[count], () => network.Fit(observations, actions, targets, [], []));
        }

        Console.WriteLine();
    }

    private static void Cell(double flop, double peak, Action action)
    {
        List<double> times = [];
        for (int i = 0; i < 3; i++)
            action();
        long first = Stopwatch.GetTimestamp();
        while (times.Count < 5 || Stopwatch.GetElapsedTime(first).TotalSeconds < Seconds)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        times.Sort();
        double median = times[times.Count / 2];
        Console.Write($" {median * 1e3:0.000} | {flop / median / peak:0 %} |");
    }
}
