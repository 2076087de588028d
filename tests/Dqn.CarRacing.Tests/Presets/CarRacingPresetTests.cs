using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.CarRacing.Presets;
using Dqn.CarRacing.Training;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.CarRacing.Presets;

public class CarRacingPresetTests
{
    private static IEnumerable<CarRacingPreset> All => CarRacingPresets.All;

    // The notebook's learning rate stays, and its exploration falls long before the end.
    private static IEnumerable<CarRacingPreset> Scheduled => All.Where(preset => preset != CarRacingPresets.Nature);

    [TestCaseSource(nameof(All))]
    public void What_is_written_is_read(CarRacingPreset preset)
    {
        JsonNode text = JsonNode.Parse(preset.ToJson().ToJsonString())!;
        Assert.That(CarRacingPreset.FromJson(text, new CarRacingPreset()), Is.EqualTo(preset));
        Assert.That(CarRacingPresets.Named(preset.Name), Is.SameAs(preset));
    }

    [Test]
    public void What_is_left_out_is_as_in_the_preset()
    {
        CarRacingPreset changed = CarRacingPreset.FromJson(
            JsonNode.Parse("""
                { "agent": { "batchSize": 64, "munchausen": {} }, "training": { "rewardTimeout": null }, "pixels": { "noOpFrames": 7 } }
                """),
            CarRacingPresets.Fast);
        Assert.That(changed, Is.EqualTo(CarRacingPresets.Fast with
        {
            Agent = CarRacingPresets.Fast.Agent with { BatchSize = 64, Munchausen = new MunchausenOptions() },
            Training = CarRacingPresets.Fast.Training with { RewardTimeout = null },
            Pixels = CarRacingPresets.Fast.Pixels with { NoOpFrames = 7 },
        }));
    }

    [TestCase("""{ "pixels": { "noOpFrames": 1001 } }""", "NoOpFrames: expected 0 … 1000, got 1001")]
    [TestCase("""{ "pixels": { "downscale": 5 } }""", "a divisor of 84")]
    [TestCase("""{ "training": { "lostStarts": -0.1 } }""", "LostStarts: expected a part from 0 to 1, got -0.1")]
    [TestCase("""{ "training": { "setbackStarts": 1.1 } }""", "SetbackStarts: expected a part from 0 to 1, got 1.1")]
    [TestCase("""{ "training": { "stickyActions": -1 } }""", "StickyActions: expected a part from 0 to 1, got -1")]
    [TestCase("""{ "training": { "rewardTimeout": 0 } }""", "RewardTimeout: expected at least 1 step, or null for none, got 0")]
    [TestCase("""{ "training": { "missedTilePenalty": -1 } }""", "MissedTilePenalty: expected at least 0 and finite, got -1")]
    [TestCase("""{ "training": { "followingTilePenalty": -1 } }""", "FollowingTilePenalty: expected at least 0 and finite, got -1")]
    [TestCase("""{ "training": { "standingPenalty": -1 } }""", "StandingPenalty: expected at least 0 and finite, got -1")]
    [TestCase("""{ "training": { "lapBonus": -1 } }""", "LapBonus: expected at least 0 and finite, got -1")]
    [TestCase("""{ "training": { "wayBackTurn": -1 } }""", "WayBackTurn: expected at least 0 and finite, got -1")]
    [TestCase("""{ "training": { "wayBackDistance": -1 } }""", "WayBackDistance: expected at least 0 and finite, got -1")]
    [TestCase("""{ "network": { "kind": "Huge" } }""", "network")]
    [TestCase("""{ "agents": {} }""", "agents")]
    public void What_cannot_be_is_refused(string json, string named) => Assert.That(
        () => CarRacingPreset.FromJson(JsonNode.Parse(json), CarRacingPresets.Fast),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));

    [Test]
    public void An_unknown_name_is_refused_with_those_there_are() => Assert.That(
        () => CarRacingPresets.Named("slow"), Throws.ArgumentException.With.Message.Contains("fast or sprint or pure or rainbow or nature, got 'slow'"));

    [Test]
    public void Its_agent_is_the_one_that_the_options_make()
    {
        CarRacingPreset preset = CarRacingPresets.Nature with
        {
            Agent = new DqnOptions { BufferCapacity = 100, Network = new QNetworkOptions { Threads = 1 } },
        };
        using FrameStack environment = preset.CreateEnvironment();
        using DqnAgent made = preset.CreateAgent(environment.Spec, seed: 3);
        using DqnAgent same = DqnAgent.Create(environment.Spec, preset.Agent, seed: 3);
        foreach ((string name, Tensor tensor) in same.Network.GetStateDict())
            Assert.That(made.Network.GetStateDict()[name].ToSingles(), Is.EqualTo(tensor.ToSingles()), name);
    }

    [Test]
    public void Only_training_has_what_only_training_has()
    {
        CarRacingPreset preset = CarRacingPresets.Fast with
        {
            Agent = CarRacingPresets.Fast.Agent with { Environments = 2 },
            Training = CarRacingPresets.Fast.Training with { LostStarts = 0.25, SetbackStarts = 0.5, StickyActions = 0.1 },
        };
        using FrameStack evaluated = preset.CreateEnvironment();
        using VectorEnvironment trained = preset.CreateTrainingEnvironments();
        IEnvironment one = trained.Environments[0];
        Assert.That(trained.Count, Is.EqualTo(2));
        Assert.That(one.Spec, Is.EqualTo(evaluated.Spec));
        Assert.That(evaluated.Spec.ObservationShape, Is.EqualTo([4, 42, 42]));
        Assert.That(
            (one.Find<LapShaping>()!.LapBonus, one.Find<WayBackShaping>()!.Turn, one.Find<SetbackStart>()!.Part, one.Find<RewardTimeout>()!.Steps),
            Is.EqualTo((150.0, 40.0, 0.5, 100)));
        Assert.That(one.Find<StickyActions>()!.Probability, Is.EqualTo(0.1));
        Assert.That(one.Describe().ToJsonString(), Does.Contain("\"start\":{\"kind\":\"LostStart\",\"part\":0.25}"));
        Assert.That(
            evaluated.Describe().ToJsonString(),
            Does.Not.Contain("Shaping").And.Not.Contain("Lost").And.Not.Contain("Setback").And.Not.Contain("RewardTimeout").And.Not.Contain("Sticky"));
    }

    [Test]
    public void A_preset_brings_its_actions()
    {
        CarRacingPreset preset = CarRacingPresets.Sprint with { Agent = CarRacingPresets.Sprint.Agent with { Environments = 1 } };
        using FrameStack evaluated = preset.CreateEnvironment();
        using VectorEnvironment trained = preset.CreateTrainingEnvironments();
        Assert.That((evaluated.Spec.ActionCount, trained.Spec.ActionCount), Is.EqualTo((9, 9)));
        Assert.That(evaluated.Find<CarRacingEnvironment>()!.Describe().ToJsonString(), Does.Contain(CarActions.Nine.ToString()));
    }

    [TestCaseSource(nameof(Scheduled))]
    public void Schedules_end_with_the_training(CarRacingPreset preset)
    {
        DqnOptions agent = preset.Agent;
        Assert.That(agent.LearningRate?.Steps, Is.EqualTo(preset.Steps));
        Assert.That(agent.ImportanceSteps, Is.EqualTo(preset.Steps));
        if (agent.Epsilon.Then is { } then)
            Assert.That(agent.Epsilon.DecaySteps + then.DecaySteps, Is.EqualTo(preset.Steps));
    }

    [Test]
    public void The_pure_preset_has_official_rewards_and_starts_alone()
    {
        CarRacingPreset preset = CarRacingPresets.Pure;
        using FrameStack evaluated = preset.CreateEnvironment();
        using FrameStack trained = preset.Training.Create(preset.Pixels with { Downscale = 2 }, preset.Task);
        Assert.That(trained.Find<RewardTimeout>()!.Steps, Is.EqualTo(100));
        string description = trained.Describe().ToJsonString();
        Assert.That(description, Does.Not.Contain("Shaping").And.Not.Contain("Lost").And.Not.Contain("Setback"));
        Assert.That(evaluated.Describe().ToJsonString(), Does.Not.Contain("RewardTimeout"));

        // Step by step what the evaluated task gives, too.
        trained.Reset(5);
        evaluated.Reset(5);
        for (int step = 0; step < 60; step++)
            Assert.That(trained.Step(3), Is.EqualTo(evaluated.Step(3)), $"step {step}");
    }

    [Test]
    public void A_preset_without_shaping_trains_on_the_task_itself()
    {
        using FrameStack evaluated = CarRacingPresets.Nature.CreateEnvironment();
        using FrameStack trained = new TrainingTask().Create(CarRacingPresets.Nature.Pixels);
        Assert.That(trained.Describe().ToJsonString(), Is.EqualTo(evaluated.Describe().ToJsonString()));
    }
}
