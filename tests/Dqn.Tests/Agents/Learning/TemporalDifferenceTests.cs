using System.Text.Json;
using Dqn.Agents;
using Dqn.Values;

namespace Dqn.Tests.Agents;

public sealed class TemporalDifferenceTests
{
    [TestCase(new float[] { 3 }, 0)]
    [TestCase(new float[] { 1, 2, 0 }, 1)]
    [TestCase(new float[] { -1, -1, -2 }, 0)]
    [TestCase(new float[] { 0, 5, 5 }, 1)]
    public void GreedyActionIsTheFirstOfTheLargest(float[] values, int expected) =>
        Assert.That(TemporalDifference.GreedyAction(values), Is.EqualTo(expected));

    [Test]
    public void OneStepTargetsByHand()
    {
        float[] next = new float[3], discounts = new float[3], targets = new float[3];
        float[] values = [1, 4, 2, /**/ -3, -1, -2, /**/ 7, 8, 9];
        TemporalDifference.Select(values, values, 3, next);
        TemporalDifference.Discounts([false, false, true], 0.5f, discounts);
        new SingleValue().Targets([1, 0.25f, -2], discounts, next, targets);
        Assert.That(next, Is.EqualTo(new float[] { 4, -1, 9 }));
        Assert.That(discounts, Is.EqualTo(new float[] { 0.5f, 0.5f, 0 }));
        Assert.That(targets, Is.EqualTo(new float[] { 1 + 0.5f * 4, 0.25f + 0.5f * -1, -2 }));
    }

    [Test]
    public void DoubleValuesByHand()
    {
        // The online network prefers actions 2, 0 and (the first of two) 1; the target network values those.
        var next = new float[3];
        TemporalDifference.Select(
            [1, 2, 3, /**/ 0, -1, -2, /**/ 4, 5, 5], [9, 8, 7, /**/ 6, 5, 4, /**/ 3, 2, 1], 3, next);
        Assert.That(next, Is.EqualTo(new float[] { 7, 6, 2 }));
    }

    [Test]
    public void TargetsEqualPyTorchs()
    {
        using var golden = JsonDocument.Parse(GoldenFiles.ReadBytes("learning/nature-dqn-float64.json"));
        float[] values = [.. golden.RootElement.GetProperty("forward").GetProperty("target_q").EnumerateArray()
            .SelectMany(row => row.EnumerateArray()).Select(q => q.GetSingle())];
        double[] expected = [.. golden.RootElement.GetProperty("backward_mse").GetProperty("td_target").EnumerateArray()
            .Select(t => t.GetDouble())];
        float[] rewards = [.. Enumerable.Range(0, 32).Select(b => (37 * b % 11 - 3) / 7f)];
        bool[] terminated = [.. Enumerable.Range(0, 32).Select(b => b % 7 == 0)];
        float[] next = new float[32], discounts = new float[32], targets = new float[32];
        TemporalDifference.Select(values, values, values.Length / 32, next);
        TemporalDifference.Discounts(terminated, 0.99f, discounts);
        new SingleValue().Targets(rewards, discounts, next, targets);
        for (int i = 0; i < 32; i++)
            Assert.That(targets[i], Is.EqualTo(expected[i]).Within(1e-6));
    }

    [Test]
    public void ShapesAreChecked()
    {
        float[] one = new float[1], two = new float[2], three = new float[3];
        Assert.Multiple(() =>
        {
            Assert.That(() => TemporalDifference.GreedyAction([]), Throws.ArgumentException);
            Assert.That(() => TemporalDifference.Select(three, three, 2, two), Throws.ArgumentException);
            Assert.That(() => TemporalDifference.Select([], [], 1, two), Throws.ArgumentException);
            Assert.That(() => TemporalDifference.Select(two, two, 2, []), Throws.ArgumentException);
            Assert.That(() => TemporalDifference.Select(one, two, 1, one), Throws.ArgumentException);
            Assert.That(() => TemporalDifference.Select(one, one, 0, one), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => TemporalDifference.Discounts([true], 1, two), Throws.ArgumentException);
            Assert.That(() => new SingleValue().Targets(two, one, two, two), Throws.ArgumentException);
            Assert.That(() => new SingleValue().Targets(two, two, one, two), Throws.ArgumentException);
            Assert.That(() => new SingleValue().Targets(two, two, two, one), Throws.ArgumentException);
        });
    }
}
