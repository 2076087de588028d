using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Threading;
using Dqn.Values;

namespace Dqn.Tests.Networks;

/// <summary>The engine in C#: the contract, and what is its own.</summary>
public class QNetworkTests : QNetworkContract
{
    protected override IQNetwork Make(Sequential architecture, ulong seed, QNetworkOptions? options = null) =>
        new QNetwork(architecture, new Pcg64(seed), options);

    protected override StateDict Gradients(IQNetwork network) => ((QNetwork)network).GetGradients();

    [TestCaseSource(nameof(Supported))]
    public void Values_are_those_of_PyTorch_whatever_the_instructions(InstructionSet instructionSet) =>
        CheckValues(new QNetworkOptions { InstructionSet = instructionSet });

    [Test]
    public void Null_is_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => new QNetwork(null!, new Pcg64(1)), Throws.ArgumentNullException);
        Assert.That(() => new QNetwork(Small, null!), Throws.ArgumentNullException);
    });

    [Test]
    public void Same_weights_whatever_the_number_of_threads([Values(1, 2, 3, 4)] int threads, [Values] bool clipped)
    {
        string one = Train(1), these = Train(threads);
        Assert.That(these, Is.EqualTo(one));

        string Train(int count)
        {
            Sequential architecture = new CnnActionValue(4, 5, 44, 52);
            using QNetwork network = new(architecture, new Pcg64(5), new QNetworkOptions
            {
                Threads = count,
                MaxGradientNorm = clipped ? 0.5 : double.PositiveInfinity,
            }, TestPool.ManyThreads);
            FitSome(network, 10, 32);
            return Hash(network);
        }
    }

    [Test]
    public void Same_weights_whether_a_layer_updates_its_weight_at_once_or_later(
        [ValueSource(nameof(Optimizers))] OptimizerOptions optimizer)
    {
        Assert.That(Train(1e9), Is.EqualTo(Train(double.PositiveInfinity)));

        string Train(double maxNorm)
        {
            using QNetwork network = new(
                new MlpActionValue(9, 5, 150, 67), new Pcg64(5),
                new QNetworkOptions { Optimizer = optimizer, MaxGradientNorm = maxNorm });
            FitSome(network, 10, 40);
            return Hash(network);
        }
    }

    [Test]
    public void State_moves_between_instruction_sets_and_fresh_networks()
    {
        using QNetwork wide = new(Small, new Pcg64(1)), portable = new(
            Small, new Pcg64(2), new QNetworkOptions { InstructionSet = InstructionSet.Portable });
        Load(portable, Save(wide));
        Assert.That(Hash(portable), Is.EqualTo(Hash(wide)));
        FitSome(wide, 2, 4);
        Load(portable, Save(wide));
        Assert.That(Save(portable), Is.EqualTo(Save(wide)));
        portable.CopyParametersFrom(wide);
        Assert.That(Hash(portable), Is.EqualTo(Hash(wide)));
    }

    [Test]
    public void Evaluating_and_fitting_allocate_nothing_once_warm([Values(1, 2)] int threads, [Values] bool clipped)
    {
        using QNetwork network = new(new CnnActionValue(4, 5, 44, 44), new Pcg64(1), new QNetworkOptions
        {
            Threads = threads,
            MaxGradientNorm = clipped ? 10 : double.PositiveInfinity,
        }, TestPool.ManyThreads);
        byte[] observations = LayerTests.Observations(network.Architecture, 16, new Random(1));
        var values = new float[16 * 5];
        var actions = new int[16];
        var targets = new float[16];
        var errors = new float[16];
        Once();
        Assert.That(Allocations.Of(() =>
        {
            for (int i = 0; i < 20; i++)
                Once();
        }), Is.Zero);

        void Once()
        {
            network.Evaluate(observations, values);
            network.Evaluate(observations.AsSpan(0, network.ObservationBytes), values.AsSpan(0, 5));
            network.Fit(observations, actions, targets, [], errors);
        }
    }

    [Test]
    public void Two_threads_may_use_a_network_and_its_clone_at_once()
    {
        using QNetwork network = new(new CnnActionValue(4, 5, 44, 44), new Pcg64(1),
            new QNetworkOptions { Threads = 2 }, TestPool.ManyThreads);
        using QNetwork clone = network.Clone();
        float[] expected = Evaluate(network);
        Parallel.For(0, 2, which =>
        {
            for (int i = 0; i < 50; i++)
                Assert.That(Evaluate(which == 0 ? network : clone), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Bad_options_are_refused_when_made() => Assert.Multiple(() =>
    {
        Assert.That(() => new RmsPropOptions { LearningRate = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { LearningRate = double.NaN },
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Alpha = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Epsilon = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsPropOptions { Momentum = 1.5 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdamOptions { Beta1 = -0.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdamOptions { Beta2 = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { MaxGradientNorm = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Threads = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Loss = (Loss)9 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new QNetworkOptions { Optimizer = null! }, Throws.ArgumentNullException);
    });

    [Test]
    public void Misfitting_layers_are_refused_when_described() => Assert.Multiple(() =>
    {
        Assert.That(() => new CnnActionValue(4, 5, 35, 84), Throws.ArgumentException.With.Message.Contains("conv3"));
        Assert.That(() => new CnnActionValue(0, 5), Throws.ArgumentException);
        Assert.That(() => new MlpActionValue(4, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sequential([2, 3], true, [new Linear("a", 2)]), Throws.ArgumentException);
        Assert.That(() => new Sequential([2, 3, 3], true, [new Linear("a", 2)]),
            Throws.ArgumentException.With.Message.Contains("Flatten"));
        Assert.That(() => new Sequential([4], false, [new Linear("a", 2), new Relu()]), Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Linear("a", 2), new Linear("a", 2)]),
            Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Conv2d("a", 2, 1), new Linear("b", 2)]),
            Throws.ArgumentException);
        Assert.That(() => new Conv2d("a", 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Linear("", 1), Throws.ArgumentException);
    });

    internal static void FitSome(QNetwork network, int updates, int batch)
    {
        Random random = new(1);
        for (int update = 0; update < updates; update++)
        {
            byte[] observations = LayerTests.Observations(network.Architecture, batch, random);
            int[] actions = [.. Enumerable.Range(0, batch).Select(_ => random.Next(network.ActionCount))];
            float[] targets = LayerTests.Targets(network.Architecture, batch, random);
            network.Fit(observations, actions, targets, [], []);
        }
    }

    private static IEnumerable<InstructionSet> Supported() =>
        Enum.GetValues<InstructionSet>().Where(KernelSet.IsSupported);
}
