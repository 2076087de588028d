using Dqn.Agents;

namespace Dqn.Tests.Agents.Pqn;

public sealed class LambdaReturnsTests
{
    private static readonly bool[] s_uncut = [false, false, false];

    /// <summary>By hand, from the end: 3 + ½ · 12 = 9; 2 + ½ · (½ · 8 + ½ · 9) = 6.25; 1 + ½ · (½ · 4 + ½ · 6.25) = 3.5625.</summary>
    [Test]
    public void Three_steps_by_hand() => Assert.That(
        Compute([1, 2, 3], [0.5f, 0.5f, 0.5f], [4, 8, 12], s_uncut, 0.5), Is.EqualTo(new[] { 3.5625f, 6.25f, 9f }));

    [Test]
    public void Lambda_0_looks_one_step_ahead() => Assert.That(
        Compute([1, 2, 3], [0.5f, 0.5f, 0.5f], [4, 8, 12], s_uncut, 0), Is.EqualTo(new[] { 3f, 6f, 9f }));

    /// <summary>3 + ½ · 12 = 9; 2 + ½ · 9 = 6.5; 1 + ½ · 6.5 = 4.25.</summary>
    [Test]
    public void Lambda_1_looks_to_the_end() => Assert.That(
        Compute([1, 2, 3], [0.5f, 0.5f, 0.5f], [4, 8, 12], s_uncut, 1), Is.EqualTo(new[] { 4.25f, 6.5f, 9f }));

    /// <summary>After the second step the task is over: 2; before it 1 + ½ · (½ · 4 + ½ · 2) = 2.5.</summary>
    [Test]
    public void What_follows_the_end_of_a_task_does_not_count() => Assert.That(
        Compute([1, 2, 3], [0.5f, 0, 0.5f], [4, 1e9f, 12], [false, true, false], 0.5),
        Is.EqualTo(new[] { 2.5f, 2f, 9f }));

    /// <summary>The second step's episode is cut off at a value of 8: 2 + ½ · 8 = 6; 1 + ½ · (½ · 4 + ½ · 6) = 3.5.</summary>
    [Test]
    public void An_episode_that_is_cut_off_counts_the_value_of_where_it_was() => Assert.That(
        Compute([1, 2, 3], [0.5f, 0.5f, 0.5f], [4, 8, 12], [false, true, false], 0.5),
        Is.EqualTo(new[] { 3.5f, 6f, 9f }));

    [Test]
    public void It_is_the_average_of_all_n_step_returns([Range(1, 12)] int steps, [Values(0, 0.3, 0.95, 1)] double lambda)
    {
        var random = new Random(steps);
        double[] rewards = Numbers(), nextValues = Numbers(), discounts = new double[steps];
        var cuts = new bool[steps];
        for (int t = 0; t < steps; t++)
        {
            bool terminated = random.Next(5) == 0;
            discounts[t] = terminated ? 0 : (float)0.97;
            cuts[t] = terminated || random.Next(5) == 0;
        }

        float[] returns = Compute(
            [.. rewards.Select(r => (float)r)], [.. discounts.Select(d => (float)d)],
            [.. nextValues.Select(v => (float)v)], cuts, lambda);
        Assert.That(
            returns, Is.EqualTo(NaiveLambdaReturns.Compute(rewards, discounts, nextValues, cuts, lambda)).Within(1e-5));

        double[] Numbers() => [.. Enumerable.Range(0, steps).Select(_ => (double)(random.NextSingle() * 4 - 2))];
    }

    [Test]
    public void Lengths_and_lambda_are_checked()
    {
        Assert.That(
            () => Compute([1, 2], [1], [1, 2], [false, false], 0.5),
            Throws.ArgumentException.With.Message.Contains("Expected 2 numbers as discounts, got 1"));
        Assert.That(() => Compute([1], [1], [1, 2], [false], 0.5), Throws.ArgumentException.With.Message.Contains("nextValues"));
        Assert.That(() => Compute([1], [1], [1], [], 0.5), Throws.ArgumentException.With.Message.Contains("cuts"));
        Assert.That(
            () => LambdaReturns.Compute([1], [1], [1], [false], 0.5, new float[2]),
            Throws.ArgumentException.With.Message.Contains("returns"));
        foreach (double lambda in (double[])[-0.1, 1.1, double.NaN])
        {
            Assert.That(
                () => Compute([1], [1], [1], [false], lambda),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("λ 0 … 1"));
        }

        Assert.That(Compute([], [], [], [], 0.5), Is.Empty);
    }

    private static float[] Compute(float[] rewards, float[] discounts, float[] nextValues, bool[] cuts, double lambda)
    {
        var returns = new float[rewards.Length];
        LambdaReturns.Compute(rewards, discounts, nextValues, cuts, lambda, returns);
        return returns;
    }
}
