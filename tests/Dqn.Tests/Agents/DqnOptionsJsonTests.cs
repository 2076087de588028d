using System.Reflection;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Tests.Agents;

public class DqnOptionsJsonTests
{
    private static readonly DqnOptions s_everything = new()
    {
        Environments = 16,
        Epsilon = new EpsilonSchedule(1, 0.4, 50_000) { Ladder = 7, Then = new EpsilonSchedule(0.4, 0.12, 950_000) },
        ExplorationDuration = new ExplorationDuration(2.5, 100),
        Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.5 },
        Munchausen = new MunchausenOptions { Temperature = 0.05 },
        Horizon = new HorizonSchedule { NStep = 8, Discount = 0.9, Updates = 5_000 },
        Resets = new ResetOptions { Period = 20_000, Keep = 0.8, KeepHead = 0.1, Until = 100_000 },
        LearningRate = new LearningRateSchedule(3e-4, 3e-5, 1_000_000),
        MirrorActions = [0, 2, 1, 3, 4],
        Architecture = new ActionValueOptions { Dueling = true, Distribution = new CategoricalDistribution(-10, 50, 21) },
        Network = new QNetworkOptions
        {
            Optimizer = new AdamOptions { LearningRate = 3e-4, Epsilon = 1e-4, WeightDecay = 0.1 },
            Loss = Loss.SmoothL1,
            MaxGradientNorm = 10,
        },
    };

    [Test]
    public void What_is_written_is_read()
    {
        foreach (DqnOptions options in (DqnOptions[])[new DqnOptions(), s_everything])
        {
            JsonNode text = JsonNode.Parse(options.ToJson().ToJsonString())!;
            DqnOptions read = DqnOptions.FromJson(text);
            Assert.That(read, Is.EqualTo(options));
            Assert.That(read.ToJson().ToJsonString(), Is.EqualTo(options.ToJson().ToJsonString()));
        }
    }

    [Test]
    public void Every_property_is_there() => Assert.That(
        new DqnOptions().ToJson().Select(pair => pair.Key),
        Is.EquivalentTo(typeof(DqnOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(
            property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..])));

    [Test]
    public void What_is_left_out_is_as_in_the_defaults()
    {
        DqnOptions read = DqnOptions.FromJson(JsonNode.Parse(
            """{ "batchSize": 64, "network": { "loss": "MeanSquared" }, "epsilon": { "end": 0.2 } }"""), s_everything);
        Assert.That(read, Is.EqualTo(s_everything with
        {
            BatchSize = 64,
            Network = s_everything.Network with { Loss = Loss.MeanSquared },
            Epsilon = new EpsilonSchedule(1, 0.2, 50_000) { Ladder = 7, Then = s_everything.Epsilon.Then },
        }));
    }

    [Test]
    public void What_the_defaults_lack_or_have_of_another_kind_is_filled_with_its_own_defaults()
    {
        DqnOptions read = DqnOptions.FromJson(JsonNode.Parse("""
            {
              "prioritized": {}, "munchausen": { "scale": 0.5 }, "horizon": {}, "resets": { "period": 9 }, "network": { "optimizer": { "kind": "Adam" } },
              "architecture": { "distribution": { "kind": "Quantile", "atoms": 8 } }
            }
            """));
        Assert.That(read, Is.EqualTo(new DqnOptions
        {
            Prioritized = new PrioritizedReplayOptions(),
            Munchausen = new MunchausenOptions { Scale = 0.5 },
            Horizon = new HorizonSchedule(),
            Resets = new ResetOptions { Period = 9 },
            Network = new QNetworkOptions { Optimizer = new AdamOptions() },
            Architecture = new ActionValueOptions { Distribution = new QuantileDistribution(8) },
        }));
    }

    [TestCase("""{ "batchsize": 64 }""", "batchsize")]
    [TestCase("""{ "batchSize": 0 }""", "BatchSize: expected 1 … 65536")]
    [TestCase("""{ "batchSize": "many" }""", "batchSize")]
    [TestCase("""{ "learningRate": { "start": 0.1 } }""", "learning rate above 0")]
    [TestCase("""{ "network": { "optimizer": { "kind": "SGD" } } }""", "SGD")]
    [TestCase("[]", "expected a JSON object, got []")]
    public void What_cannot_be_is_refused_and_named(string json, string named) => Assert.That(
        () => DqnOptions.FromJson(JsonNode.Parse(json)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));

    [Test]
    public void Equality_is_by_value()
    {
        DqnOptions copy = s_everything with { MirrorActions = [0, 2, 1, 3, 4] };
        Assert.That(copy, Is.EqualTo(s_everything));
        Assert.That(copy.GetHashCode(), Is.EqualTo(s_everything.GetHashCode()));
        Assert.That(copy with { MirrorActions = [0, 1, 2, 3, 4] }, Is.Not.EqualTo(s_everything));
    }
}
