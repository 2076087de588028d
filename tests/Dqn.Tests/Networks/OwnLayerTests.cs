using System.Collections.Immutable;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Tests.Training;

namespace Dqn.Tests.Networks;

/// <summary>
/// Layers of a user's own beyond their values and gradients, which <see cref="LayerTests"/> compares: JSON, saved state,
/// optimizers, threads.
/// </summary>
public class OwnLayerTests
{
    private static readonly Sequential s_network = new(
        [3, 24, 22], true,
        [
            new Conv2d("a", 8, 3, padding: 1), new Turn("t", 2), new Residual([new Swish("s")]), new MaxPool2d(2), new Flatten(),
            new Linear("b", 16), new Swish("u"), new Linear("c", 4),
        ]);

    private static IEnumerable<OptimizerOptions> Optimizers() =>
        [new RmsPropOptions(), new RmsPropOptions { Centered = true, Momentum = 0.5 }, new AdamOptions(), new RAdamOptions()];

    [OneTimeSetUp]
    public void Register()
    {
        CustomLayer.Register("Swish", json => new Swish((string)json["name"]!));
        CustomLayer.Register("Turn", Turn.Read);
        CustomLayer.Register("Energies", json => new Energies((int)json["features"]!));
    }

    [TestCaseSource(nameof(Optimizers))]
    public void Own_parameters_learn_with_every_optimizer_and_any_number_of_threads(OptimizerOptions optimizer)
    {
        string? first = null;
        foreach ((int threads, double norm) in new[] { (1, double.PositiveInfinity), (2, 1e9), (3, 1e9) })
        {
            using QNetwork network = new(s_network, new Pcg64(1), new QNetworkOptions
            {
                Optimizer = optimizer,
                Threads = threads,
                MaxGradientNorm = norm,
            });
            float before = network.GetStateDict()["s.beta"].ToSingles()[0];
            QNetworkTests.FitSome(network, 3, 37);
            Assert.That(network.GetStateDict()["s.beta"].ToSingles()[0], Is.Not.EqualTo(before));
            Assert.That(QNetworkTests.Hash(network), Is.EqualTo(first ??= QNetworkTests.Hash(network)), $"{threads}");
        }
    }

    [Test]
    public void Clones_saved_states_and_state_dicts_hold_own_parameters()
    {
        using QNetwork network = new(s_network, new Pcg64(1)), other = new(s_network, new Pcg64(2));
        QNetworkTests.FitSome(network, 2, 8);
        using QNetwork clone = network.Clone();
        Assert.That(QNetworkTests.Hash(clone), Is.EqualTo(QNetworkTests.Hash(network)));
        other.LoadStateDict(network.GetStateDict());
        Assert.That(QNetworkTests.Hash(other), Is.EqualTo(QNetworkTests.Hash(network)));
        using MemoryStream stream = new();
        network.SaveState(new BinaryWriter(stream));
        stream.Position = 0;
        other.LoadState(new BinaryReader(stream));
        QNetworkTests.FitSome(network, 2, 8);
        QNetworkTests.FitSome(other, 2, 8);
        Assert.That(QNetworkTests.Hash(other), Is.EqualTo(QNetworkTests.Hash(network)));
    }

    [Test]
    public void A_file_is_enough_to_have_a_network_of_own_layers_again()
    {
        using var folder = new TemporaryFolder();
        foreach ((string _, Sequential architecture) in MoreArchitectures.All)
        {
            using QNetwork network = new(architecture, new Pcg64(3));
            NetworkFile.Write(folder["n.safetensors"], network);
            Sequential usual = new(
                architecture.ObservationShape, architecture.Pixels,
                [new Flatten(), new Linear("other", architecture.ActionCount)]);
            using LoadedNetwork loaded = NetworkFile.Read(folder["n.safetensors"], usual);
            QNetwork read = loaded.Network;
            Assert.That(read.Architecture.Layers, Is.EqualTo(architecture.Layers));
            Assert.That(QNetworkTests.Hash(read), Is.EqualTo(QNetworkTests.Hash(network)));
        }
    }

    [Test]
    public void The_text_has_an_own_layers_kind_and_numbers() => Assert.That(
        ArchitectureText.Format(new Sequential([2, 3, 4], false,
        [
            new Turn("t", 1), new Residual([new Conv2d("a", 3, 3, padding: 1, bias: false)]), new AvgPool2d(2, padding: 1),
            new Flatten(), new Linear("b", 2),
        ])),
        Is.EqualTo(
            """{"observation":[2,3,4],"pixels":false,"layers":[{"layer":"Turn","name":"t","extra":1},""" +
            """{"layer":"Residual","layers":[{"layer":"Conv2d","name":"a","filters":3,"kernelSize":3,"stride":1,""" +
            """
            "padding":1,"bias":false}]},{"layer":"AvgPool2d","kernelSize":2,"stride":2,"padding":1},
            """ +
            """{"layer":"Flatten"},{"layer":"Linear","name":"b","features":2}]}"""));

    [Test]
    public void An_unknown_kind_is_named_with_what_makes_it_known()
    {
        using var folder = new TemporaryFolder();
        Sequential architecture = new([4], false, [new Stranger(), new Linear("a", 2)]);
        using QNetwork network = new(architecture, new Pcg64(1));
        NetworkFile.Write(folder["n.safetensors"], network);
        Assert.That(
            () => NetworkFile.Read(folder["n.safetensors"], new MlpActionValue(4, 2)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("Unknown layer 'Stranger'")
                .And.Message.Contains("CustomLayer.Register(\"Stranger\", …)").And.Message.Contains("Swish"));
    }

    [Test]
    public void What_a_kind_does_not_read_is_an_error() => Assert.Multiple(() =>
    {
        foreach (string layer in new[] { """{"layer":"Turn","name":"t"}""", """{"layer":"Turn","name":"t","extra":"x"}""" })
        {
            Assert.That(
                () => ArchitectureText.Parse(
                    $$"""{"observation":[2,3,4],"layers":[{{layer}},{"layer":"Flatten"},{"layer":"Linear","name":"a","features":2}]}"""),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains("Layer 'Turn'"));
        }
    });

    [Test]
    public void Kinds_are_a_types_own() => Assert.Multiple(() =>
    {
        Assert.That(() => CustomLayer.Register("Conv2d", _ => new Stranger()),
            Throws.ArgumentException.With.Message.Contains("Conv2d"));
        Assert.That(() => CustomLayer.Register("Turn", _ => new Stranger()),
            Throws.ArgumentException.With.Message.Contains("'Turn' is Turn"));
        Assert.That(() => CustomLayer.Register(" ", _ => new Stranger()), Throws.ArgumentException);
        Assert.That(() => CustomLayer.Register("Turn", Turn.Read), Throws.Nothing);
    });

    [Test]
    public void Misfitting_own_layers_are_refused_when_described() => Assert.Multiple(() =>
    {
        Linear last = new("z", 2);
        Assert.That(() => new Sequential([4], false, [new Turn("t", 1), last]),
            Throws.ArgumentException.With.Message.Contains("Layer 0: Turn, for [4]").And.Message.Contains("Flatten"));
        Assert.That(() => new Sequential([4], false, [new Stranger { Shape = [2, 2] }, last]),
            Throws.ArgumentException.With.Message.Contains("got [2, 2] for [4]"));
        Assert.That(() => new Sequential([4], false, [new Stranger { Shape = [0] }, last]), Throws.ArgumentException);
        Assert.That(() => new Sequential([4], false, [new Swish("z"), last]),
            Throws.ArgumentException.With.Message.Contains("'z'"));
        Assert.That(() => new Sequential([4], false, [new Stranger { Twice = true }, last]),
            Throws.ArgumentException.With.Message.Contains("p.a, p.a"));
        Assert.That(() => new Sequential([2, 2, 2], false, [new Turn("t", 1)]),
            Throws.ArgumentException.With.Message.Contains("features"));
        Assert.That(() => CustomParameter.Constant("", [1], 0), Throws.ArgumentException);
        Assert.That(() => CustomParameter.Constant("a", [1, 0], 0), Throws.ArgumentException);
    });

    [Test]
    public void Evaluating_and_fitting_allocate_nothing_once_warm()
    {
        using QNetwork network = new(s_network, new Pcg64(1), new QNetworkOptions { Threads = 1 });
        byte[] observations = LayerTests.Observations(s_network, 16, new Random(1));
        var values = new float[16 * 4];
        var actions = new int[16];
        var targets = new float[16];
        Once();
        Assert.That(Allocations.Of(Once), Is.Zero);

        void Once()
        {
            network.Evaluate(observations, values);
            network.Fit(observations, actions, targets, [], []);
        }
    }

    /// <summary>Nothing at all, never registered.</summary>
    private sealed record Stranger : CustomLayer
    {
        public override string Kind => "Stranger";

        public ImmutableArray<int>? Shape { get; init; }

        public bool Twice { get; init; }

        public override ImmutableArray<int> OutputShape(ImmutableArray<int> inputShape) => Shape ?? inputShape;

        public override ImmutableArray<CustomParameter> Parameters(ImmutableArray<int> inputShape) => Twice
            ? [CustomParameter.Constant("p.a", [1], 0), CustomParameter.Constant("p.a", [1], 0)]
            : [];

        public override void Forward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs, Span<float> outputs) =>
            inputs.CopyTo(outputs);

        public override void Backward(
            LayerItems items, LayerParameters parameters, ReadOnlySpan<float> inputs,
            ReadOnlySpan<float> outputGradients, Span<float> inputGradients, LayerGradients parameterGradients) =>
            outputGradients.CopyTo(inputGradients);
    }
}
