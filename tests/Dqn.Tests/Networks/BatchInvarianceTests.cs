using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Tests.Threading;

namespace Dqn.Tests.Networks;

/// <summary>What <see cref="Dqn.Values.IValueFunction.IsBatchInvariant"/> promises; the agent's cached target values rest on it.</summary>
public class BatchInvarianceTests
{
    private const int Pool = 64;

    private static IEnumerable<TestCaseData> Cases()
    {
        (string Name, Sequential Architecture, int Stride)[] architectures =
        [
            ("notebook", new CnnActionValue(4, 5), 9),
            ("odd convolutions", new Sequential([3, 13, 11], true,
            [
                new Conv2d("a", 7, 3, 2), new Relu(), new Conv2d("b", 35, 2), new Relu(), new Flatten(),
                new Linear("c", 19), new Relu(), new Linear("d", 4),
            ]), 1),
            ("padded and residual", MoreArchitectures.All.First(one => one.Name == "residual blocks").Architecture, 5),
            ("own layers", MoreArchitectures.All.First(one => one.Name == "own layers").Architecture, 5),
            ("odd perceptron", new MlpActionValue(13, 3, 37, 70), 1),
        ];
        foreach ((string name, Sequential architecture, int stride) in architectures)
            foreach (InstructionSet set in Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported))
                foreach (int threads in new[] { 1, 2, 3 })
                {
                    yield return new TestCaseData(architecture, set, threads, stride)
                        .SetArgDisplayNames(name, $"{set}", $"{threads}");
                }
    }

    [TestCaseSource(nameof(Cases))]
    public void Values_have_the_same_bits_in_any_batch(Sequential architecture, InstructionSet set, int threads, int stride)
    {
        Random random = new(threads);
        QNetworkOptions options = new() { InstructionSet = set, Threads = threads };
        using QNetwork network = new(architecture, new Pcg64(3), options, TestPool.ManyThreads);
        QNetworkTests.FitSome(network, 2, 8);
        using QNetwork target = network.Clone();
        int bytes = architecture.ObservationBytes, actions = architecture.ActionCount;
        byte[] pool = LayerTests.Observations(architecture, Pool, random);
        var expected = new float[Pool * actions];
        network.Evaluate(pool, expected);

        // Each size (or each ninth of the large network's), items drawn with repeats.
        for (int size = 1; size <= Pool; size += stride)
        {
            int[] items = [.. Enumerable.Range(0, size).Select(_ => random.Next(Pool))];
            byte[] observations = [.. items.SelectMany(item => pool.Skip(item * bytes).Take(bytes))];
            var values = new float[size * actions];
            (size % 2 == 0 ? network : target).Evaluate(observations, values);
            for (int i = 0; i < size; i++)
            {
                Span<byte> bits = MemoryMarshal.AsBytes(values.AsSpan(i * actions, actions));
                Span<byte> pools = MemoryMarshal.AsBytes(expected.AsSpan(items[i] * actions, actions));
                Assert.That(bits.SequenceEqual(pools), $"item {i} of {size}");
            }
        }
    }
}
