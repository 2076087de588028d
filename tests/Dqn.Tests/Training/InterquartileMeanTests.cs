using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Tests.Training;

public sealed class InterquartileMeanTests
{
    [TestCase(new double[] { 5 }, 5)]
    [TestCase(new double[] { 1, 3 }, 2)]
    [TestCase(new double[] { 9, 1, 2, 100 }, 5.5)]
    [TestCase(new double[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 4.5)]
    // Of five the middle 2.5: three quarters of the second and fourth, and the third.
    [TestCase(new double[] { 0, 10, 20, 40, 1000 }, (7.5 + 20 + 30) / 2.5)]
    public void It_is_the_mean_of_the_middle_half(double[] scores, double expected) =>
        Assert.That(InterquartileMean.Of(scores), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void The_interval_of_equal_scores_is_a_point() => Assert.That(
        InterquartileMean.Interval([[7, 7, 7], [7, 7]]), Is.EqualTo((7.0, 7.0)));

    [Test]
    public void About_as_many_intervals_hold_the_true_value_as_the_confidence_says()
    {
        // Of a symmetric distribution the middle half's mean is its centre: 3.
        var random = new Pcg64(1);
        int held = 0;
        for (int trial = 0; trial < 400; trial++)
        {
            double[] scores = [.. Enumerable.Range(0, 40).Select(_ => random.Uniform(2, 4))];
            (double low, double high) = InterquartileMean.Interval([scores], 0.9, 400, (ulong)trial);
            held += low <= 3 && 3 <= high ? 1 : 0;
        }

        Assert.That(held / 400.0, Is.EqualTo(0.9).Within(0.06));
    }

    [Test]
    public void Tasks_are_drawn_from_apart()
    {
        // With one run each nothing is left to chance, however far the tasks lie apart.
        Assert.That(InterquartileMean.Interval([[0], [100], [50], [25]]), Is.EqualTo((37.5, 37.5)));
        Assert.That(InterquartileMean.Interval([[0, 100, 50, 25]]).High, Is.GreaterThan(60));
    }

    [Test]
    public void What_makes_no_sense_is_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => InterquartileMean.Of([]), Throws.ArgumentException);
        Assert.That(() => InterquartileMean.Of([1, double.NaN]), Throws.ArgumentException.With.Message.Contains("got NaN"));
        Assert.That(() => InterquartileMean.Interval([]), Throws.ArgumentException);
        Assert.That(() => InterquartileMean.Interval([[1], []]), Throws.ArgumentException);
        Assert.That(() => InterquartileMean.Interval([[1]], 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => InterquartileMean.Interval([[1]], 0.9, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    });
}
