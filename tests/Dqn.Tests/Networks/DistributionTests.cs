using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Values;

namespace Dqn.Tests.Networks;

public class DistributionTests
{
    [Test]
    public void Categorical_by_hand()
    {
        // Outputs 0 and ln 3 are the probabilities ¼ and ¾; −ln ¼ = 1.386….
        CategoricalDistribution grid = new(-1, 3, 2);
        float[] outputs = [0, MathF.Log(3)], distribution = new float[2], gradients = new float[2];
        grid.Describe(outputs, distribution);
        Assert.That(distribution, Is.EqualTo(new[] { 0.25f, 0.75f }).Within(1e-7));
        Assert.That(grid.Expectation(distribution), Is.EqualTo(0.25 * -1 + 0.75 * 3).Within(1e-6));
        Assert.That(grid.Cost(default, outputs, distribution, [1, 0], gradients), Is.EqualTo(1.3862943611).Within(1e-6));
        Assert.That(gradients, Is.EqualTo(new[] { -0.75f, 0.75f }).Within(1e-7));
        Assert.That(Enumerable.Range(0, 51).Select(new CategoricalDistribution(-10, 10).ReturnOf),
            Is.EqualTo(Enumerable.Range(0, 51).Select(i => -10 + 0.4 * i)).Within(1e-12));
    }

    [Test]
    public void Large_outputs_overflow_nowhere()
    {
        CategoricalDistribution grid = new(0, 1, 3);
        float[] distribution = new float[3], gradients = new float[3];
        grid.Describe([500, -500, 499], distribution);
        Assert.That(distribution, Is.EqualTo(new[] { 0.731059f, 0, 0.268941f }).Within(1e-6));
        double loss = grid.Cost(default, [500, -500, 499], distribution, [0, 1, 0], gradients);
        Assert.That(loss, Is.EqualTo(1000.313262).Within(1e-3));
        Assert.That(gradients, Is.EqualTo(new[] { 0.731059f, -1, 0.268941f }).Within(1e-6));
    }

    [Test]
    public void Quantile_regression_by_hand()
    {
        // Quantiles at ¼ and ¾ estimated as 0 and 1, targets 2 and −½:
        // ¼ · 1.5 and ¾ · 0.125; ¾ · 0.5 and ¼ · 1, halved.
        QuantileDistribution quantiles = new(2);
        float[] outputs = [0, 1], gradients = new float[2];
        double loss = quantiles.Cost(default, outputs, outputs, [2, -0.5f], gradients);
        Assert.That(loss, Is.EqualTo((0.25 * 1.5 + 0.75 * 0.125 + 0.75 * 0.5 + 0.25 * 1) / 2).Within(1e-7));
        Assert.That(gradients, Is.EqualTo(new[] { -(0.25f - 0.375f) / 2, -(0.75f - 0.25f) / 2 }).Within(1e-7));
        Assert.That(quantiles.Expectation([2, -0.5f]), Is.EqualTo(0.75f));
    }

    [TestCase(1, 4.0)]
    [TestCase(0.75, 2.0)]
    [TestCase(0.5, 1.5)]
    [TestCase(0.25, 1.0)]
    [TestCase(0.01, 1.0)] // At least one.
    public void TheLowestQuantilesAreTheValueAtARiskLevel(double level, double value)
    {
        var quantiles = new QuantileDistribution(4, level);
        Assert.That(quantiles.Expectation([1, 2, 3, 10]), Is.EqualTo(value));
        Assert.That(quantiles, Is.EqualTo(new QuantileDistribution(4) with { RiskLevel = level }));
    }

    [Test]
    public void RiskLevelsOutOfRangeAreRefused()
    {
        foreach (double level in (double[])[0, 1.5, double.NaN])
        {
            Assert.That(
                () => new QuantileDistribution(8, level),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("RiskLevel"));
        }
    }

    [Test]
    public void A_coin_is_learnt_as_a_coin([Values] bool categorical)
    {
        ValueDistribution distribution =
            categorical ? new CategoricalDistribution(-2, 2, 5) : new QuantileDistribution(4);
        using QNetwork network = new(
            new Sequential([1], false, [new Linear("a", 8), new Relu(), new Linear("b", 2 * distribution.Atoms)],
                distribution), new Pcg64(1),
            new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 0.01 }, Threads = 1 });
        byte[] observations = MemoryMarshal.AsBytes<float>([1, 1]).ToArray();

        // Action 0 gives −1 or 1, action 1 gives 2.
        float[] targets = categorical ? [0, 0.5f, 0, 0.5f, 0, 0, 0, 0, 0, 1] : [-1, -1, 1, 1, 2, 2, 2, 2];
        FitResult result = default;
        for (int i = 0; i < 2000; i++)
            result = network.Fit(observations, [0, 1], targets, [], []);
        float[] distributions = new float[2 * distribution.Atoms], values = new float[2];
        network.EvaluateDistributions(observations.AsSpan(0, 4), distributions);
        network.Evaluate(observations.AsSpan(0, 4), values);

        // Huber's loss draws quantiles of a coin inwards: the first is where ⅛ · 1 = ⅞ · (q + 1), the second where
        // ⅜ · 1 = ⅝ · (q + 1).
        float[] expected = categorical ? targets : [-6 / 7f, -0.4f, 0.4f, 6 / 7f, 2, 2, 2, 2];
        Assert.That(distributions, Is.EqualTo(expected).Within(0.02));
        Assert.That(values, Is.EqualTo(new[] { 0f, 2 }).Within(0.1));
        Assert.That(result.MeanValue, Is.EqualTo(1).Within(0.05));
    }

    [TestCase(Loss.MeanSquared, 9, 6)]
    [TestCase(Loss.SmoothL1, 2.5, 1)]
    public void A_number_is_a_distribution_of_one_atom(Loss loss, double cost, float slope)
    {
        SingleValue number = new();
        float[] values = new float[2], distributions = new float[2], gradients = new float[1], targets = new float[2];
        number.Evaluate([5, 6], new float[1], values);
        number.Describe([5, 6], distributions);
        Assert.That(values, Is.EqualTo(new[] { 5f, 6 }).And.EqualTo(distributions));
        Assert.That((number.Atoms, number.Expectation([5])), Is.EqualTo((1, 5f)));
        Assert.That(number.Cost(loss, [5], [5], [2], gradients), Is.EqualTo(cost));
        Assert.That(gradients[0], Is.EqualTo(slope));
        number.Targets([1, 2], [0.5f, 0], [4, 4], targets);
        Assert.That(targets, Is.EqualTo(new[] { 3f, 2 }));
    }

    [Test]
    public void A_network_of_numbers_gives_its_values_as_distributions()
    {
        using QNetwork network = new(new MlpActionValue(1, 3, 4), new Pcg64(1));
        float[] values = new float[6], distributions = new float[6];
        byte[] observations = MemoryMarshal.AsBytes<float>([1, -2]).ToArray();
        network.Evaluate(observations, values);
        network.EvaluateDistributions(observations, distributions);
        Assert.That(distributions, Is.EqualTo(values));
    }

    [Test]
    public void Each_kind_of_network_learns_its_own_way()
    {
        using QNetwork plain = new(new MlpActionValue(1, 2), new Pcg64(1));
        using QNetwork quantiles = new(
            new Sequential([1], false, [new Linear("a", 6)], new QuantileDistribution(3)), new Pcg64(1));
        Assert.That(plain.Distribution, Is.EqualTo(new SingleValue()));
        Assert.That(quantiles.ActionCount, Is.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(() => plain.EvaluateDistributions(new byte[4], new float[3]),
                Throws.ArgumentException.With.Message.Contains("Expected 2").And.Message.Contains("got 3"));
            Assert.That(() => plain.Fit(new byte[4], [0], new float[2], [], []),
                Throws.ArgumentException.With.Message.Contains("Expected 1").And.Message.Contains("got 2"));
            Assert.That(() => quantiles.EvaluateDistributions(new byte[4], new float[5]),
                Throws.ArgumentException.With.Message.Contains("Expected 6").And.Message.Contains("got 5"));
            Assert.That(() => quantiles.Fit(new byte[4], [0], new float[2], [], []),
                Throws.ArgumentException.With.Message.Contains("Expected 3").And.Message.Contains("got 2"));
            Assert.That(() => quantiles.Fit(new byte[4], [2], new float[3], [], []),
                Throws.ArgumentException.With.Message.Contains("got 2"));
        });
    }

    [Test]
    public void A_state_of_another_distribution_is_refused()
    {
        using QNetwork network = Make(10), other = Make(20), same = Make(10);
        using MemoryStream stream = new();
        network.SaveState(new BinaryWriter(stream));
        stream.Position = 0;
        Assert.That(() => other.LoadState(new BinaryReader(stream)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("Max = 20"));
        stream.Position = 0;
        same.LoadState(new BinaryReader(stream));

        static QNetwork Make(float max) => new(
            new Sequential([1], false, [new Linear("a", 6)], new CategoricalDistribution(0, max, 3)), new Pcg64(1));
    }

    [Test]
    public void Misfitting_descriptions_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => new CategoricalDistribution(1, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CategoricalDistribution(0, float.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CategoricalDistribution(0, 1, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QuantileDistribution(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QuantileDistribution(2).Expectation([1]), Throws.ArgumentException);
        Assert.That(
            () => new Sequential([1], false, [new Linear("a", 7)], new QuantileDistribution(3)),
            Throws.ArgumentException.With.Message.Contains("3 features for each action, got 7"));
    });
}
