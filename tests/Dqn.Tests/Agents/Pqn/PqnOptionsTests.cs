using System.Reflection;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Tests.Agents.Pqn;

public sealed class PqnOptionsTests
{
    private static readonly PqnOptions s_everything = new()
    {
        Environments = 16,
        RolloutSteps = 8,
        Epochs = 4,
        BatchSize = 32,
        Discount = 0.98,
        Lambda = 0.9,
        Epsilon = new EpsilonSchedule(1, 0.4, 50_000) { Ladder = 7, Then = new EpsilonSchedule(0.4, 0.12, 950_000) },
        ExplorationDuration = new ExplorationDuration(2.5, 100),
        LearningRate = new LearningRateSchedule(3e-4, 3e-5, 1_000_000),
        RewardScale = 0.1,
        EvaluationAverage = 0.99,
        Network = new QNetworkOptions
        {
            Optimizer = new RAdamOptions { LearningRate = 3e-4, Epsilon = 1e-4, Beta1 = 0.8, Beta2 = 0.99 },
            Loss = Loss.SmoothL1,
            MaxGradientNorm = 1,
        },
        Architecture = new ActionValueOptions { Dueling = true, Noisy = true },
    };

    [Test]
    public void Defaults_are_the_papers()
    {
        var options = new PqnOptions();
        Assert.Multiple(() =>
        {
            Assert.That((options.Environments, options.RolloutSteps, options.Epochs, options.BatchSize), Is.EqualTo((128, 32, 2, 128)));
            Assert.That((options.Discount, options.Lambda), Is.EqualTo((0.99, 0.65)));
            Assert.That(options.Epsilon, Is.EqualTo(new EpsilonSchedule(1, 0.001, 1_000_000)));
            Assert.That((options.RewardScale, options.EvaluationAverage), Is.EqualTo((1.0, 0.0)));
            Assert.That((options.LearningRate, options.ExplorationDuration), Is.EqualTo(((object?)null, (object?)null)));
            Assert.That(options.Network.Optimizer, Is.EqualTo(new RAdamOptions { LearningRate = 0.00025 }));
            Assert.That((options.Network.Loss, options.Network.MaxGradientNorm), Is.EqualTo((Loss.MeanSquared, 10.0)));
            Assert.That(options.Architecture, Is.EqualTo(new ActionValueOptions { LayerNorm = true }));
        });
    }

    [Test]
    public void Options_out_of_range_are_refused_by_name()
    {
        var valid = new PqnOptions();
        Assert.Multiple(() =>
        {
            Refuses(() => valid with { Environments = 0 }, "PqnOptions.Environments: expected 1 … 1024", 0);
            Refuses(() => valid with { Environments = 1_025 }, "Environments: expected 1 … 1024", 1_025);
            Refuses(() => valid with { RolloutSteps = 0 }, "RolloutSteps: expected 1 … 65536", 0);
            Refuses(() => valid with { Epochs = 0 }, "Epochs: expected at least 1", 0);
            Refuses(() => valid with { BatchSize = 65_537 }, "BatchSize: expected 1 … 65536", 65_537);
            Refuses(() => valid with { Discount = 1.01 }, "Discount: expected 0 … 1", 1.01);
            Refuses(() => valid with { Lambda = -0.1 }, "Lambda: expected 0 … 1", -0.1);
            Refuses(() => valid with { Lambda = double.NaN }, "Lambda: expected 0 … 1", double.NaN);
            Refuses(() => valid with { RewardScale = 0 }, "RewardScale: expected above 0", 0.0);
            Refuses(() => valid with { EvaluationAverage = 1 }, "EvaluationAverage: expected 0 … below 1", 1.0);
            Assert.That(() => valid with { Epsilon = null! }, Throws.ArgumentNullException);
            Assert.That(() => valid with { Network = null! }, Throws.ArgumentNullException);
            Assert.That(() => valid with { Architecture = null! }, Throws.ArgumentNullException);
        });

        static void Refuses(Func<object> make, string message, object actual) => Assert.That(
            () => make(),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains(message)
                .And.Property(nameof(ArgumentOutOfRangeException.ActualValue)).EqualTo(actual));
    }

    [Test]
    public void What_is_written_is_read()
    {
        foreach (PqnOptions options in (PqnOptions[])[new PqnOptions(), s_everything])
        {
            JsonNode text = JsonNode.Parse(options.ToJson().ToJsonString())!;
            PqnOptions read = PqnOptions.FromJson(text);
            Assert.That(read, Is.EqualTo(options));
            Assert.That(read.ToJson().ToJsonString(), Is.EqualTo(options.ToJson().ToJsonString()));
        }
    }

    [Test]
    public void Every_property_is_there() => Assert.That(
        new PqnOptions().ToJson().Select(pair => pair.Key),
        Is.EquivalentTo(typeof(PqnOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(
            property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..])));

    [Test]
    public void What_is_left_out_is_as_in_the_defaults_or_the_parts_own() => Assert.That(
        PqnOptions.FromJson(JsonNode.Parse("""
            {
              "batchSize": 64, "epsilon": { "end": 0.2 }, "explorationDuration": {},
              "network": { "optimizer": { "kind": "Adam" } }
            }
            """), s_everything),
        Is.EqualTo(s_everything with
        {
            BatchSize = 64,
            Epsilon = new EpsilonSchedule(1, 0.2, 50_000) { Ladder = 7, Then = s_everything.Epsilon.Then },
            Network = s_everything.Network with { Optimizer = new AdamOptions() },
        }));

    [TestCase("""{ "nStep": 3 }""", "nStep")]
    [TestCase("""{ "lambda": 2 }""", "Lambda: expected 0 … 1")]
    [TestCase("""{ "network": { "optimizer": { "kind": "SGD" } } }""", "SGD")]
    [TestCase("[]", "PqnOptions: expected a JSON object, got []")]
    public void What_cannot_be_is_refused_and_named(string json, string named) => Assert.That(
        () => PqnOptions.FromJson(JsonNode.Parse(json)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));
}
