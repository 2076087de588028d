using System.Diagnostics;

namespace Dqn.Benchmarks;

/// <summary>
/// How many steps silos make together, in one process and in a process each, for 1, 2 and 4 of them: in turn up and down again,
/// so that what the machine does besides falls on all of them.
/// </summary>
internal static class ActorScaling
{
    private static readonly int[] s_silos = [1, 2, 4];
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(6);

    public static async Task RunAsync(int rounds, double seconds, int port)
    {
        var lines = new List<string>
        {
            "| silos | processes | environments | steps/s | of linear | the learner takes in | processor time a step |",
            "|--:|--:|--:|--:|--:|--:|--:|",
        };
        foreach (bool processes in (bool[])[false, true])
        {
            var rates = s_silos.ToDictionary(silos => silos, _ => new List<Rate>());
            for (int round = 0; round < rounds; round++)
            {
                foreach (int silos in round % 2 == 0 ? s_silos : s_silos.Reverse())
                {
                    Rate rate = await MeasureAsync(silos, processes, seconds, port += 10);
                    rates[silos].Add(rate);
                    Console.WriteLine($"{silos} silos{(processes ? " in processes" : "")}: {rate.Steps:0} steps/s, {rate.Learnt:0} taken in");
                }
            }

            double one = Quantiles.Median(rates[1].Select(rate => rate.Steps));
            foreach (int silos in s_silos)
            {
                double steps = Quantiles.Median(rates[silos].Select(rate => rate.Steps));
                lines.Add(
                    $"| {silos} | {(processes ? silos : 1)} | {silos * ActorSilo.Environments} | {steps:0} | {steps / one / silos:0.000} | " +
                    $"{Quantiles.Median(rates[silos].Select(rate => rate.Learnt)):0} | " +
                    $"{Quantiles.Median(rates[silos].Select(rate => rate.Work / rate.Steps)) * 1e6:0} µs |");
            }
        }

        Report.Write("actors", lines);
    }

    private static async Task<Rate> MeasureAsync(int silos, bool processes, double seconds, int port)
    {
        var running = new List<IMeasured>();
        try
        {
            for (int i = 0; i < silos; i++)
                running.Add(processes ? await ChildSilo.StartAsync("actors", port, i, silos) : new Own(await ActorSilo.StartAsync(port, i, silos)));
            await Task.Delay(s_settling);
            (long steps, long learnt, double work) = Sum(running);
            long start = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (long stepsThen, long learntThen, double workThen) = Sum(running);
            return new Rate((stepsThen - steps) / elapsed, (learntThen - learnt) / elapsed, (workThen - work) / elapsed);
        }
        finally
        {
            foreach (IMeasured silo in Enumerable.Reverse(running))
                await silo.DisposeAsync();
        }
    }

    private static (long Steps, long Learnt, double Work) Sum(List<IMeasured> silos)
    {
        long steps = 0, learnt = 0;
        double work = silos.Any(silo => silo is Own) ? Environment.CpuUsage.TotalTime.TotalSeconds : 0;
        foreach (IMeasured silo in silos)
        {
            double[] figures = silo.Figures();
            (steps, learnt, work) = (steps + (long)figures[0], learnt + (long)figures[1], work + figures[2]);
        }

        return (steps, learnt, work);
    }

    private readonly record struct Rate(double Steps, double Learnt, double Work);

    private sealed class Own(ActorSilo silo) : IMeasured
    {
        // The process's time is counted once for all.
        public double[] Figures() => [silo.Steps, silo.Learnt, 0];

        public ValueTask DisposeAsync() => silo.DisposeAsync();
    }
}
