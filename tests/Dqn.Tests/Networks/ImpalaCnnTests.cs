using System.Text.Json;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Threading;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>
/// The residual network, with and without spectral normalisation. Golden/learning/impala-float64.json has PyTorch 1.13's
/// numbers in float64, from inputs as <see cref="GoldenLayerTests"/> describes, u and v divided by their lengths in single
/// precision: the loss and gradients of a training forward, then what evaluating gives and the first four numbers of each
/// u and v.
/// </summary>
public class ImpalaCnnTests
{
    private static readonly JsonElement s_numbers =
        JsonDocument.Parse(GoldenFiles.ReadBytes("learning/impala-float64.json")).RootElement;

    private static IEnumerable<TestCaseData> Golden() => s_numbers.GetProperty("cases").EnumerateArray()
        .Select(one => new TestCaseData(one).SetArgDisplayNames(one.GetProperty("name").GetString()!));

    [TestCaseSource(nameof(Golden))]
    public void ValuesGradientsAndVectorsArePyTorchs(JsonElement golden)
    {
        int Number(string name) => golden.GetProperty(name).GetInt32();
        int batch = Number("batch"), actions = Number("actions");
        Sequential architecture = new ImpalaCnnActionValue(
            Number("channels"), actions, Number("height"), Number("width"),
            new() { Dueling = golden.GetProperty("dueling").GetBoolean() }, hidden: Number("hidden"), pool: Number("pool"),
            spectralNorm: golden.GetProperty("spectralNorm").GetBoolean());
        using QNetwork network = new(architecture, new Pcg64(1), new QNetworkOptions
        {
            Optimizer = new RmsPropOptions { LearningRate = 1e-30 },
            MaxGradientNorm = 1e9,
            Threads = 2,
        });
        Assert.That(
            network.GetStateDict().Select(one => $"{one.Key} [{string.Join(", ", one.Value.Shape)}]"),
            Is.EqualTo(golden.GetProperty("parameters").EnumerateArray().Select(one =>
                $"{one[0].GetString()} [{string.Join(", ", one[1].EnumerateArray().Select(axis => axis.GetInt32()))}]")));
        StateDict state = new();
        ulong k = 0;
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            float[] numbers = GoldenLearning.Parameter(k++, tensor);
            if (name.EndsWith("._u", StringComparison.Ordinal) || name.EndsWith("._v", StringComparison.Ordinal))
                numbers = Array.ConvertAll(numbers, value => (float)(value / GoldenLearning.L2(numbers)));
            state.Add(name, Tensor.FromSingles(numbers, tensor.Shape.AsSpan()));
        }

        network.LoadStateDict(state);
        var observations = new byte[batch * network.ObservationBytes];
        for (int i = 0; i < observations.Length; i++)
        {
            (int item, int place) = Math.DivRem(i, network.ObservationBytes);
            observations[i] = (byte)(GoldenLearning.Mix((ulong)place + ((ulong)item << 32) + (1UL << 62)) >> 56);
        }

        int[] taken = [.. Enumerable.Range(0, batch).Select(b => b % actions)];
        float[] targets = [.. Enumerable.Range(0, batch).Select(b => (37 * b % 11 - 3) / 7f)];
        FitResult result = network.Fit(observations, taken, targets, [], []);
        Assert.That(result.Loss, Is.EqualTo(golden.GetProperty("loss").GetDouble()).Within(1e-5 * result.Loss));
        StateDict gradients = network.GetGradients();
        foreach (JsonProperty one in golden.GetProperty("gradients").EnumerateObject())
        {
            float[] gradient = gradients[one.Name].ToSingles();
            double norm = one.Value.GetProperty("norm").GetDouble(), typical = norm / Math.Sqrt(gradient.Length);
            Assert.That(GoldenLearning.L2(gradient), Is.EqualTo(norm).Within(2e-5 * norm), one.Name);
            foreach (JsonElement sample in one.Value.GetProperty("samples").EnumerateArray())
            {
                double expected = sample[1].GetDouble();
                Assert.That(
                    gradient[sample[0].GetInt32()], Is.EqualTo(expected).Within(5e-5 * (typical + Math.Abs(expected))),
                    $"{one.Name} {sample[0]}");
            }
        }

        var values = new float[batch * actions];
        network.Evaluate(observations, values);
        Assert.That(
            values, Is.EqualTo(golden.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())).Within(1e-5));
        foreach (JsonProperty one in golden.GetProperty("vectors").EnumerateObject())
        {
            Assert.That(
                network.GetStateDict()[one.Name].ToSingles()[..4],
                Is.EqualTo(one.Value.EnumerateArray().Select(v => v.GetDouble())).Within(1e-6), one.Name);
        }
    }

    private static readonly Sequential s_small = new ImpalaCnnActionValue(
        2, 3, 14, 12, new() { Dueling = true, Distribution = new ImplicitQuantileDistribution(4, 3) }, hidden: 8, pool: 2,
        spectralNorm: true);

    [Test]
    public void ValuesAndGradientsAreTheNaiveOnes(
        [ValueSource(nameof(Sets))] InstructionSet set, [Values(1, 3)] int batch, [Values] bool bias)
    {
        Sequential architecture = new(
            [2, 7, 6], true,
            [
                new Conv2d("a", 19, 3, padding: 1, bias: bias, spectralNorm: true), new Relu(),
                new Residual([new Conv2d("b", 19, 3, padding: 1, bias: bias, spectralNorm: true)]), new Relu(),
                new Conv2d("c", 33, 2, 2, bias: bias, spectralNorm: true), new Flatten(), new Linear("d", 3),
            ]);
        Random random = new(batch);
        using QNetwork network = new(architecture, new Pcg64(7), new QNetworkOptions
        {
            InstructionSet = set,
            MaxGradientNorm = 1e9,
            Threads = batch,
        });
        NaiveNetwork naive = new(architecture, network.GetStateDict());
        byte[] observations = LayerTests.Observations(architecture, batch, random);
        var values = new float[batch * 3];
        network.Evaluate(observations, values);
        for (int b = 0; b < batch; b++)
        {
            double[] expected = naive.Evaluate(observations.AsSpan(b * network.ObservationBytes, network.ObservationBytes));
            Assert.That(values.AsSpan(3 * b, 3).ToArray(), Is.EqualTo(expected).Within(3e-6));
        }

        int[] taken = [.. Enumerable.Range(0, batch)];
        float[] targets = LayerTests.Targets(architecture, batch, random);
        FitResult result = network.Fit(observations, taken, targets, [], []);
        naive.Iterate();
        double Naive() => naive.LossOf(default, observations, taken, targets, []);
        Assert.That(result.Loss, Is.EqualTo(Naive()).Within(1e-6 * (1 + result.Loss)));
        double squares = 0;
        foreach ((string name, Tensor tensor) in network.GetGradients())
        {
            float[] gradient = tensor.ToSingles();
            squares += gradient.Sum(g => (double)g * g);
            if (name.Contains("weight.0._", StringComparison.Ordinal))
            {
                Assert.That(gradient, Is.All.Zero, "The optimizer leaves them alone.");
                continue;
            }

            double typical = Math.Sqrt(gradient.Average(g => (double)g * g));
            int step = Math.Max(1, gradient.Length / 4) | 1;
            for (int i = random.Next(step); i < gradient.Length; i += step)
            {
                double slope = naive.Slope(name, i, Naive);
                Assert.That(
                    gradient[i], Is.EqualTo(slope).Within(1e-4 * (typical + Math.Abs(slope)) + 1e-7), $"{name}[{i}]");
            }
        }

        Assert.That(result.GradientNorm, Is.EqualTo(Math.Sqrt(squares)).Within(1e-5 * Math.Sqrt(squares)));
    }

    [Test]
    public void TheLargestSingularValueIsDividedOut()
    {
        // W = diag(3, 1), u = v = (1, 0): σ = 3. What is evaluated is W / 3, whatever the lengths of u and v.
        Sequential architecture = new(
            [2, 1, 1], false, [new Conv2d("c", 2, 1, bias: false, spectralNorm: true), new Flatten(), new Linear("q", 2, bias: false)]);
        using QNetwork network = new(architecture, new Pcg64(1));
        float[] values = new float[2], observation = [6, 6];
        foreach (float length in new[] { 1f, 0.5f })
        {
            network.LoadStateDict(new StateDict
            {
                { "c.parametrizations.weight.original", Tensor.FromSingles([3, 0, 0, 1], [2, 2, 1, 1]) },
                { "c.parametrizations.weight.0._u", Tensor.FromSingles([length, 0], [2]) },
                { "c.parametrizations.weight.0._v", Tensor.FromSingles([length, 0], [2]) },
                { "q.weight", Tensor.FromSingles([1, 0, 0, 1], [2, 2]) },
            });
            network.Evaluate(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(observation), values);
            Assert.That(values, Is.EqualTo(new[] { 6f, 2 }).Within(1e-6));
        }
    }

    [Test]
    public void AtFirstUAndVAreThoseOfTheWeight()
    {
        using QNetwork network = new(
            new ImpalaCnnActionValue(1, 2, 9, 9, spectralNorm: true, hidden: 4), new Pcg64(3));
        StateDict state = network.GetStateDict();
        const string Name = "section3_block2_conv2.parametrizations.weight.";
        float[] weight = state[Name + "original"].ToSingles();
        float[] u = state[Name + "0._u"].ToSingles(), v = state[Name + "0._v"].ToSingles();
        Assert.That((u.Sum(x => x * x), v.Sum(x => x * x)), Is.EqualTo((1f, 1f)).Within(1e-5));
        double sigma = weight.Select((w, i) => (double)u[i / v.Length] * w * v[i % v.Length]).Sum();

        // Many iterations more hardly find a larger one.
        NaiveNetwork naive = new(network.Architecture, state);
        for (int i = 0; i < 200; i++)
            naive.Iterate();
        double[] left = naive.Parameters[Name + "0._u"], right = naive.Parameters[Name + "0._v"];
        double largest = weight.Select((w, i) => left[i / v.Length] * w * right[i % v.Length]).Sum();
        Assert.That(sigma, Is.EqualTo(largest).Within(0.05 * largest));
    }

    [Test]
    public void SameWeightsWhateverTheThreadsTheInstructionsAndWhenTheyAreUpdated()
    {
        string[] hashes =
        [
            .. from threads in new[] { 1, 2, 3 }
               from set in Sets.Where(set => set != InstructionSet.Portable)
               from norm in new[] { 1e9, double.PositiveInfinity }
               select Train(threads, set, norm),
        ];
        Assert.That(hashes, Is.All.EqualTo(hashes[0]));

        static string Train(int threads, InstructionSet set, double norm)
        {
            using QNetwork network = new(s_small, new Pcg64(5), new QNetworkOptions
            {
                Threads = threads,
                InstructionSet = set,
                MaxGradientNorm = norm,
            }, TestPool.ManyThreads);
            Fit(network, 3, batch: 9);
            return QNetworkTests.Hash(network);
        }
    }

    [Test]
    public void ARestoredNetworkGoesOnAndValuesAreTheSameInAnyBatch()
    {
        using QNetwork network = new(s_small, new Pcg64(5)), restored = new(s_small, new Pcg64(6));
        Fit(network, 2, batch: 5);
        using MemoryStream state = new();
        network.SaveState(new BinaryWriter(state));
        state.Position = 0;
        restored.LoadState(new BinaryReader(state));
        Fit(network, 2, batch: 5);
        Fit(restored, 2, batch: 5);
        Assert.That(QNetworkTests.Hash(restored), Is.EqualTo(QNetworkTests.Hash(network)));

        Assert.That(network.IsBatchInvariant);
        byte[] observations = LayerTests.Observations(s_small, 7, new Random(2));
        float[] values = new float[21], one = new float[3];
        network.Evaluate(observations, values);
        for (int i = 0; i < 7; i++)
        {
            network.Evaluate(observations.AsSpan(i * network.ObservationBytes, network.ObservationBytes), one);
            Assert.That(one, Is.EqualTo(values[(3 * i)..(3 * i + 3)]));
        }
    }

    [Test]
    public void TargetNetworksFollowAndFilesKeepIt()
    {
        using QNetwork network = new(s_small, new Pcg64(5));
        using QNetwork target = network.Clone();
        Fit(network, 2, batch: 5);
        ((IValueLearner)target).MoveParametersTowards(network, 0.5f);
        using QNetwork slow = new(s_small, new Pcg64(5));
        SoftUpdate.Apply(network, 0.5f, slow);
        Assert.That(QNetworkTests.Hash(target), Is.EqualTo(QNetworkTests.Hash(slow)), "u and v, too");
        target.CopyParametersFrom(network);
        Assert.That(QNetworkTests.Hash(target), Is.EqualTo(QNetworkTests.Hash(network)));

        using MemoryStream file = new();
        NetworkFile.Write(file, network);
        file.Position = 0;
        using LoadedNetwork loaded = NetworkFile.Read(file, []);
        Assert.That(QNetworkTests.Hash(loaded.Network), Is.EqualTo(QNetworkTests.Hash(network)));
        Assert.That(loaded.Network.Architecture.Layers, Is.EqualTo(s_small.Layers));
    }

    [Test]
    public void SizesAreTheFigures()
    {
        // BTR's: 4 × 84 × 84 frames, 64 filters at the end, 6 × 6 pixels.
        var architecture = new ImpalaCnnActionValue(4, 6, scale: 2, hidden: 512, pool: 6, spectralNorm: true);
        Assert.That(architecture.Layers.OfType<Linear>().Select(layer => layer.Features), Is.EqualTo(new[] { 512, 6 }));
        LayerShapes shapes = new();
        shapes.Follow(architecture.Layers, architecture.ObservationShape, "Layer");
        Assert.That(shapes.Parameters.Single(one => one.Name == "fc1.weight").Shape, Is.EqualTo(new[] { 512, 64 * 36 }));
        Assert.That(
            shapes.Parameters.Count(one => one.Name.EndsWith("_u", StringComparison.Ordinal)), Is.EqualTo(12));
        Assert.That(() => new ImpalaCnnActionValue(4, 6, scale: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ImpalaCnnActionValue(4, 6, pool: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new ImpalaCnnActionValue(4, 6, 20, 20, pool: 6), Throws.ArgumentException.With.Message.Contains("6 × 6"));
    }

    [Test]
    public void NothingIsAllocatedOnceWarm()
    {
        using QNetwork network = new(s_small, new Pcg64(5));
        byte[] observations = LayerTests.Observations(s_small, 6, new Random(1));
        float[] targets = LayerTests.Targets(s_small, 6, new Random(2)), values = new float[18];
        var actions = new int[6];
        Once();
        Assert.That(Allocations.Of(Once), Is.Zero);

        void Once()
        {
            network.Evaluate(observations, values);
            network.Fit(observations, actions, targets, [], []);
        }
    }

    private static IEnumerable<InstructionSet> Sets => Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported).Skip(1);

    private static void Fit(QNetwork network, int times, int batch)
    {
        byte[] observations = LayerTests.Observations(network.Architecture, batch, new Random(1));
        float[] targets = LayerTests.Targets(network.Architecture, batch, new Random(2));
        for (int i = 0; i < times; i++)
            network.Fit(observations, [.. Enumerable.Range(0, batch).Select(b => b % 3)], targets, [], []);
    }
}
