using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>Implicit quantile networks: the loss, the embedding and its gradients, what is drawn and what is fixed.</summary>
public class ImplicitQuantileTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        (string Name, Sequential Architecture)[] architectures =
        [
            ("features", new MlpActionValue(5, 3, Options(7, 5), 21)),
            ("two hidden layers, dueling", new MlpActionValue(5, 3, Options(7, 5) with { Dueling = true }, 18, 9)),
            ("images", new Sequential([2, 9, 8], true,
            [
                new Conv2d("a", 6, 3, 2), new Relu(), new Conv2d("b", 19, 2), new Relu(), new Flatten(),
                new QuantileEmbedding("e", 9), new Linear("c", 33), new Relu(), new Linear("d", 4),
            ], new ImplicitQuantileDistribution(6, 4))),
            ("observations, one cosine, own layer", new Sequential([4, 3, 2], false,
                [new Flatten(), new QuantileEmbedding("e", 1), new Swish("s"), new Linear("a", 2)],
                new ImplicitQuantileDistribution(1, 1))),
            ("everything", new SmallCnnActionValue(
                2, 3, 28, 24, Options(6, 8) with { Dueling = true, Noisy = true, LayerNorm = true })),
        ];
        foreach ((string name, Sequential architecture) in architectures)
            foreach (int batch in new[] { 1, 5 })
                foreach (InstructionSet set in Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported).Skip(1))
                    yield return new TestCaseData(architecture, batch, set).SetArgDisplayNames(name, $"{batch}", $"{set}");

        static ActionValueOptions Options(int atoms, int samples) =>
            new() { Distribution = new ImplicitQuantileDistribution(atoms, samples) };
    }

    [Test]
    public void LossByHand()
    {
        // Quantiles at 0.1 and 0.6 estimated as 0 and 1, targets 2 and −½:
        // 0.1 · 1.5 and 0.9 · 0.125; 0.6 · 0.5 and 0.4 · 1, halved.
        ImplicitQuantileDistribution quantiles = new(2, 2);
        float[] outputs = [0, 1], gradients = new float[2];
        double loss = quantiles.Cost([0.1f, 0.6f], default, outputs, outputs, [2, -0.5f], gradients);
        Assert.That(loss, Is.EqualTo((0.15 + 0.1125 + 0.3 + 0.4) / 2).Within(1e-7));
        Assert.That(gradients, Is.EqualTo(new[] { -(0.1f - 0.45f) / 2, -(0.6f - 0.4f) / 2 }).Within(1e-7));

        // The mean of what was drawn; pairs are 2, ½, 1 and 1.5 apart.
        Assert.That(quantiles.Judge(outputs, [2, -0.5f]), Is.EqualTo((0.5f, 1.25f)));
    }

    [Test]
    public void LossAndErrorAreWeightedMeansOverItems()
    {
        // One quantile each, at ¼ and ¾; the taken actions' outputs are 1 and −1, the targets 1.5 and 0.
        float[] gradients = new float[4], errors = new float[2];
        (float loss, float mean) = Losses.Compute(
            new ImplicitQuantileDistribution(1, 1), default, [0.25f, 0.75f], [9, 1, -1, 9], [1, 0], [1.5f, 0], [2, 4],
            new float[1], gradients, errors);
        Assert.That(loss, Is.EqualTo((2 * 0.25 * 0.125 + 4 * 0.75 * 0.5) / 2).Within(1e-7));
        Assert.That(mean, Is.Zero);
        Assert.That(errors, Is.EqualTo(new[] { 0.5f, 1 }));
        Assert.That(gradients, Is.EqualTo(new[] { 0, -2 * 0.25f * 0.5f / 2, -4 * 0.75f * 1 / 2, 0 }));
    }

    [TestCase(1, (8.0426406 + 8.7842712) / 2)]
    [TestCase(0.5, 8.0426406)]
    [TestCase(0.01, 8.0426406)] // At least one.
    public void EmbeddingByHand(double riskLevel, double value)
    {
        // τ = ¼ and ¾ have the cosines 1, ±0.7071068; relu(W cos + b) is (2.5142136, 0) and (0, 0.2071068).
        Sequential architecture = new(
            [2], false, [new QuantileEmbedding("e", 2), new Linear("q", 1)],
            new ImplicitQuantileDistribution(2, 3, riskLevel));
        using QNetwork network = new(architecture, new Pcg64(1));
        network.LoadStateDict(new StateDict
        {
            { "e.weight", Tensor.FromSingles([1, 2, 0.5f, -1], [2, 2]) },
            { "e.bias", Tensor.FromSingles([0.1f, -1], [2]) },
            { "q.weight", Tensor.FromSingles([1, 10], [1, 2]) },
            { "q.bias", Tensor.FromSingles([0.5f], [1]) },
        });
        byte[] observation = MemoryMarshal.AsBytes<float>([3, 4]).ToArray();
        float[] quantiles = new float[2], values = new float[1];
        network.EvaluateDistributions(observation, quantiles);
        network.Evaluate(observation, values);
        Assert.That(quantiles, Is.EqualTo(new[] { 8.0426406f, 8.7842712f }).Within(1e-5));
        Assert.That(values[0], Is.EqualTo(value).Within(1e-5));
    }

    [TestCaseSource(nameof(Cases))]
    public void ValuesAndGradientsAreTheNaiveOnes(Sequential architecture, int batch, InstructionSet set)
    {
        Random random = new(batch);
        using QNetwork network = new(architecture, new Pcg64(7), new QNetworkOptions
        {
            InstructionSet = set,
            MaxGradientNorm = 1e9,
            Threads = 1 + batch % 2,
        });
        network.ResampleNoise();
        NaiveNetwork naive = new(architecture, network.GetStateDict()) { Noise = network.Engine.Noise!.Values };
        byte[] observations = LayerTests.Observations(architecture, batch, random);
        int atoms = architecture.Distribution.Atoms, actions = architecture.ActionCount;
        var distributions = new float[batch * actions * atoms];
        network.EvaluateDistributions(observations, distributions);
        for (int b = 0; b < batch; b++)
        {
            double[] expected = naive.Outputs(
                observations.AsSpan(b * architecture.ObservationBytes, architecture.ObservationBytes));
            Assert.That(
                distributions.AsSpan(b * actions * atoms, actions * atoms).ToArray(), Is.EqualTo(expected).Within(3e-6));
        }

        int[] taken = [.. Enumerable.Range(0, batch).Select(_ => random.Next(actions))];
        float[] targets = LayerTests.Targets(architecture, batch, random);
        float[] weights = batch == 1 ? [] : [0.5f, 2, 0.1f, 1, 3];
        FitResult result = network.Fit(observations, taken, targets, weights, []);
        naive.Fractions = network.Engine.DrawnFractions.ToArray();
        Assert.That(naive.Fractions, Has.Length.EqualTo(batch * architecture.Distribution.Fitted).And.All.InRange(0f, 1f));
        double Naive() => naive.LossOf(default, observations, taken, targets, weights);
        Assert.That(result.Loss, Is.EqualTo(Naive()).Within(2e-6 * (1 + result.Loss)));
        foreach ((string name, Tensor tensor) in network.GetGradients())
        {
            float[] gradient = tensor.ToSingles();
            double typical = Math.Sqrt(gradient.Average(g => (double)g * g));
            int step = Math.Max(1, gradient.Length / 3) | 1;
            for (int i = random.Next(step); i < gradient.Length; i += step)
            {
                double slope = naive.Slope(name, i, Naive);
                Assert.That(
                    gradient[i], Is.EqualTo(slope).Within(2e-4 * (typical + Math.Abs(slope)) + 1e-7), $"{name}[{i}]");
            }
        }
    }

    [Test]
    public void ACoinIsLearntAtAllFractions()
    {
        var options = new ActionValueOptions { Distribution = new ImplicitQuantileDistribution(2, 8) };
        using QNetwork network = new(
            new MlpActionValue(1, 1, options, 32, 32), new Pcg64(1),
            new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 0.003 }, Threads = 1 });
        byte[] observations = MemoryMarshal.AsBytes<float>([.. Enumerable.Repeat(1f, 8)]).ToArray();
        float[] targets = [.. Enumerable.Repeat(new float[] { -1, 1 }, 8).SelectMany(coin => coin)];
        for (int i = 0; i < 1500; i++)
            network.Fit(observations, new int[8], targets, [], []);

        // The same weights say any number of quantiles. Huber's loss draws them inwards: τ · 1 = (1 − τ) · (q + 1).
        var fine = new MlpActionValue(1, 1, new ActionValueOptions { Distribution = new ImplicitQuantileDistribution(8) }, 32, 32);
        using QNetwork asked = new(fine, new Pcg64(2));
        asked.LoadStateDict(network.GetStateDict());
        var quantiles = new float[8];
        asked.EvaluateDistributions(observations.AsSpan(0, 4), quantiles);
        float[] below = [.. Enumerable.Range(0, 4).Select(i => (i + 0.5f) / 8).Select(t => t / (1 - t) - 1)];
        Assert.That(quantiles, Is.EqualTo(below.Concat(below.Reverse().Select(q => -q))).Within(0.06));
    }

    [Test]
    public void FractionsAreDrawnFromTheNetworksStreamForEachFit()
    {
        var architecture = new MlpActionValue(
            2, 2, new ActionValueOptions { Distribution = new ImplicitQuantileDistribution(3, 50) }, 4);
        using QNetwork network = new(architecture, new Pcg64(3)), same = new(architecture, new Pcg64(3));
        byte[] observations = new byte[8 * 8];
        float[] first = Fit(network), second = Fit(network), values = new float[16], again = new float[16];
        Assert.That(first, Is.Not.EqualTo(second));
        Assert.That(first.Average(), Is.EqualTo(0.5).Within(0.05));

        // Evaluating draws nothing, and gives the same each time.
        same.Evaluate(observations, values);
        same.Evaluate(observations, again);
        Assert.That(again, Is.EqualTo(values));
        Assert.That(Fit(same), Is.EqualTo(first));
        using QNetwork clone = network.Clone();
        Assert.That(Fit(clone), Is.Not.EqualTo(Fit(network)), "A stream of its own.");

        float[] Fit(QNetwork one)
        {
            one.Fit(observations, new int[8], new float[8 * 3], [], []);
            return one.Engine.DrawnFractions.ToArray();
        }
    }

    [Test]
    public void ItsWorstPartIsTheValueOfACloneAtRisk()
    {
        var options = new ActionValueOptions { Distribution = new ImplicitQuantileDistribution(8) };
        using QNetwork network = new(new MlpActionValue(3, 2, options, 5), new Pcg64(1));
        using QNetwork averse = network.CloneAtRisk(0.25);
        byte[] observation = MemoryMarshal.AsBytes<float>([1, -2, 3]).ToArray();
        float[] quantiles = new float[16], values = new float[2];
        network.EvaluateDistributions(observation, quantiles);
        averse.Evaluate(observation, values);
        Assert.That(values, Is.EqualTo(new[] { quantiles[..2].Average(), quantiles[8..10].Average() }).Within(1e-6));
        Assert.That(averse.Distribution, Is.EqualTo(new ImplicitQuantileDistribution(8, 8, 0.25)));
    }

    [Test]
    public void ItGoesIntoFilesWithItsArchitecture([Values("iqn.safetensors", "iqn.pt")] string file)
    {
        var options = new ActionValueOptions { Distribution = new ImplicitQuantileDistribution(5, 3, 0.5), Dueling = true };
        Sequential architecture = new SmallCnnActionValue(2, 3, 28, 24, options);
        using QNetwork network = new(architecture, new Pcg64(4));
        Assert.That(network.GetStateDict().Names, Is.EqualTo(new[]
        {
            "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "embedding.weight", "embedding.bias",
            "value1.weight", "value1.bias", "value2.weight", "value2.bias",
            "advantage1.weight", "advantage1.bias", "advantage2.weight", "advantage2.bias",
        }));
        Sequential parsed = ArchitectureText.Parse(ArchitectureText.Format(architecture));
        Assert.That(parsed.Layers, Is.EqualTo(architecture.Layers));
        Assert.That(parsed.Distribution, Is.EqualTo(architecture.Distribution));

        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, file);
        bool says = file.EndsWith("safetensors", StringComparison.Ordinal);
        if (says)
            NetworkFile.Write(path, network);
        else
            StateDictFile.Write(path, network.GetStateDict());
        using LoadedNetwork loaded = says ? NetworkFile.Read(path) : NetworkFile.Read(path, architecture);
        byte[] observations = LayerTests.Observations(architecture, 3, new Random(1));
        float[] values = new float[9], read = new float[9];
        network.Evaluate(observations, values);
        loaded.Network.Evaluate(observations, read);
        Assert.That(read, Is.EqualTo(values));
        File.Delete(path);
    }

    [Test]
    public void OptionsGoIntoJsonAndBack()
    {
        DqnOptions options = new()
        {
            Architecture = new() { Distribution = new ImplicitQuantileDistribution(16, 4, 0.5) },
        };
        Assert.That(DqnOptions.FromJson(options.ToJson()).Architecture, Is.EqualTo(options.Architecture));
        JsonNode? json = JsonNode.Parse("""{ "architecture": { "distribution": { "kind": "ImplicitQuantile" } } }""");
        Assert.That(
            DqnOptions.FromJson(json).Architecture.Distribution, Is.EqualTo(new ImplicitQuantileDistribution(32, 8, 1)));
    }

    [Test]
    public void WhatDoesNotFitIsRefused() => Assert.Multiple(() =>
    {
        ImplicitQuantileDistribution quantiles = new();
        QuantileEmbedding embedding = new("e");
        Linear last = new("a", 3);
        Refused(() => new Sequential([2], false, [last], quantiles), "one QuantileEmbedding", "got 0");
        Refused(() => new Sequential([2], false, [embedding, new QuantileEmbedding("f"), last], quantiles), "got 2");
        Refused(() => new Sequential([2], false, [embedding, last]), "Expected an ImplicitQuantileDistribution", "SingleValue");
        Refused(() => new Sequential([2], false, [new Residual([embedding]), last], quantiles), "stands in no other layer");
        Refused(() => new Sequential([1, 2, 2], true, [embedding, last], quantiles), "needs features", "Flatten");
        Refused(() => new MlpActionValue(2, 2, new ActionValueOptions { Distribution = quantiles }), "one hidden layer");
        Refused(() => new MlpActionValue(2, 2, new ActionValueOptions { Distribution = quantiles, Dueling = true }, 8), "two hidden layers");
        Refused(() => new QuantileEmbedding("e", 0), "cosines");
        Refused(() => new ImplicitQuantileDistribution(0), "atoms");
        Refused(() => new ImplicitQuantileDistribution(8, 0), "samples");
        Refused(() => new ImplicitQuantileDistribution(8, 8, 0), "RiskLevel");

        static void Refused(Func<object> make, params string[] says)
        {
            ArgumentException? exception = Assert.Catch<ArgumentException>(() => make());
            foreach (string part in says)
                Assert.That(exception!.Message, Does.Contain(part));
        }
    });
}
