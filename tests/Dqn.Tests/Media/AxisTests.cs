using Dqn.Media;
using Dqn.Randomness;

namespace Dqn.Tests.Media;

public class AxisTests
{
    [TestCase(0, 1_000_000, 5, "0 200k 400k 600k 800k 1M")]
    [TestCase(0, 2_000_000, 4, "0 500k 1M 1.5M 2M")]
    [TestCase(-40, 930, 6, "0 200 400 600 800")]
    [TestCase(-110, 110, 5, "−100 −50 0 50 100")]
    [TestCase(0, 1, 5, "0 0.2 0.4 0.6 0.8 1.0")]
    [TestCase(0, 0.011, 6, "0 0.002 0.004 0.006 0.008 0.010")]
    [TestCase(0, 9000, 5, "0 2000 4000 6000 8000")]
    [TestCase(0, 10_000, 5, "0 2k 4k 6k 8k 10k")]
    [TestCase(100_000, 100_450, 5, "100k 100.1k 100.2k 100.3k 100.4k")]
    [TestCase(0, 6e-5, 3, "0 2e−5 4e−5 6e−5")]
    [TestCase(0, 2.5e-4, 5, "0 5e−5 1.0e−4 1.5e−4 2.0e−4 2.5e−4")]
    [TestCase(0, 3e9, 3, "0 1G 2G 3G")]
    [TestCase(0, 4e17, 4, "0 1e17 2e17 3e17 4e17")]
    public void Ticks_are_round_and_written_briefly(double low, double high, int intervals, string expected)
    {
        double step = AxisRange.RoundStep(high - low, intervals);
        double[] ticks = new AxisRange(low, high, step).Ticks();
        Assert.That(string.Join(' ', TickLabels.Format(ticks, step)), Is.EqualTo(expected));
    }

    [Test]
    public void Steps_are_the_smallest_that_do_and_labels_differ()
    {
        var random = new Pcg64(1);
        for (int trial = 0; trial < 2000; trial++)
        {
            double span = Math.Pow(10, random.Uniform(-30, 30)), low = span * random.Uniform(-3, 3);
            int intervals = 1 + random.Integer(12);
            double step = AxisRange.RoundStep(span, intervals);
            double mantissa = step / Math.Pow(10, Math.Floor(Math.Log10(step * 1.001)));
            Assert.That(new[] { 1.0, 2, 5 }.Any(m => Math.Abs(m - mantissa) < 1e-6), $"{step}");
            Assert.That(span / step, Is.LessThan(intervals + 1e-6).And.GreaterThan(intervals / 2.5 - 1e-6));

            double[] ticks = new AxisRange(low, low + span, step).Ticks();
            Assert.That(ticks, Has.Length.LessThanOrEqualTo(intervals + 1));
            Assert.That(TickLabels.Format(ticks, step), Is.Unique);
            foreach (double tick in ticks)
                Assert.That(tick, Is.InRange(low - 1e-5 * span, low + span * 1.00001));
        }
    }

    [TestCase(10_000, 1_000_000, null, null, 0, 1_000_000)]
    [TestCase(500, 1000, null, null, 475, 1025)]
    [TestCase(5, 5, null, null, 4.5, 5.5)]
    [TestCase(0, 0, null, null, -1, 1)]
    [TestCase(1, -1, null, null, 0, 1)]
    [TestCase(1, -1, 7, null, 7, 8)]
    [TestCase(1, -1, null, 7, 6, 7)]
    [TestCase(2, 3, -1, 12, -1, 12)]
    [TestCase(2, 3, 100, null, 100, 110)]
    [TestCase(-100, -10, null, null, -104.5, 0)]
    public void Ends_hold_the_values(
        double low, double high, double? fixedLow, double? fixedHigh, double start, double end)
    {
        double margin = low == 10_000 ? 0 : 0.05;
        (double actualStart, double actualEnd) = AxisRange.Ends(low, high, fixedLow, fixedHigh, margin);
        Assert.That(actualStart, Is.EqualTo(start).Within(1e-9));
        Assert.That(actualEnd, Is.EqualTo(end).Within(1e-9));
    }
}
