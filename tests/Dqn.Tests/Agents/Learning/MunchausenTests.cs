using Dqn.Agents;

namespace Dqn.Tests.Agents;

public sealed class MunchausenTests
{
    [Test]
    public void SoftValuesAreTheEntropyRegularisedExpectation()
    {
        // Σ π (q − τ log π) = τ log Σ exp(q / τ), for each temperature.
        float[] values = [1, 2, -1, 0.5f, 7, 7];
        var soft = new float[2];
        foreach (float temperature in new[] { 0.03f, 0.5f, 3 })
        {
            Munchausen.SoftValues(values, temperature, soft);
            for (int i = 0; i < 2; i++)
            {
                double[] q = [.. values.AsSpan(i * 3, 3).ToArray().Select(value => (double)value)];
                double sum = q.Sum(value => Math.Exp(value / temperature));
                double expected = q.Sum(value =>
                {
                    double policy = Math.Exp(value / temperature) / sum;
                    return policy == 0 ? 0 : policy * (value - temperature * Math.Log(policy));
                });
                Assert.That(soft[i], Is.EqualTo(expected).Within(1e-5));
            }
        }
    }

    [Test]
    public void LargeValuesDoNotOverflow()
    {
        var soft = new float[1];
        Munchausen.SoftValues([1000, 999, -1000], 0.03f, soft);
        Assert.That(soft[0], Is.EqualTo(1000).Within(1e-3));
        float[] rewards = [1];
        Munchausen.AddLogPolicy([1000, 999, -1000], [2], new MunchausenOptions(), rewards);
        Assert.That(rewards[0], Is.EqualTo(1 - 0.9f).Within(1e-6));
    }

    [Test]
    public void LogPoliciesAreClippedAndScaled()
    {
        float[] rewards = [0, 0, 5];
        float[] values = [0, MathF.Log(3), 0, MathF.Log(3), 4, 4];
        var options = new MunchausenOptions { Scale = 0.9, Temperature = 1, LogPolicyFloor = -1 };
        Munchausen.AddLogPolicy(values, [1, 0, 1], options, rewards);
        Assert.That(rewards[0], Is.EqualTo(0.9 * Math.Log(0.75)).Within(1e-6));
        Assert.That(rewards[1], Is.EqualTo(-0.9).Within(1e-6), "ln ¼ is below the floor");
        Assert.That(rewards[2], Is.EqualTo(5 + 0.9 * Math.Log(0.5)).Within(1e-6));
    }

    [Test]
    public void BadInputIsNamed() => Assert.Multiple(() =>
    {
        Assert.That(() => Munchausen.SoftValues([1, 2, 3], 1, new float[2]), Throws.ArgumentException);
        Assert.That(() => Munchausen.AddLogPolicy([1, 2], [0, 1], new(), new float[1]), Throws.ArgumentException);
        Assert.That(
            () => new MunchausenOptions { Scale = 1.1 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Scale: expected 0 … 1"));
        Assert.That(
            () => new MunchausenOptions { Temperature = 0 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Temperature"));
        Assert.That(
            () => new MunchausenOptions { LogPolicyFloor = 0 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("LogPolicyFloor"));
    });
}
