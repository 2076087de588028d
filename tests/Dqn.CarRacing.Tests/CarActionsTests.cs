using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.CarRacing;
using Dqn.CarRacing.Presets;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing;

public class CarActionsTests
{
    private static readonly CarActions s_own = new(new(0, 0.5, 0), new(-1, 0, 0.25), new(1, 0, 0.25));

    private static IEnumerable<CarActions> All => [CarActions.Gymnasium, CarActions.Nine, s_own];

    [TestCaseSource(nameof(All))]
    public void What_is_written_is_read(CarActions actions)
    {
        Assert.That(CarActions.FromJson(JsonNode.Parse(actions.ToString())).Equals(actions));
        CarRacingPreset preset = CarRacingPresets.Fast with { Task = new CarRacingOptions { Actions = actions } };
        Assert.That(CarRacingPreset.FromJson(JsonNode.Parse(preset.ToJson().ToJsonString()), new CarRacingPreset()), Is.EqualTo(preset));
    }

    [Test]
    public void Tables_of_the_same_controls_are_equal()
    {
        CarActions copy = new(CarActions.Nine.ToArray());
        Assert.That(copy.Equals(CarActions.Nine) && copy.GetHashCode() == CarActions.Nine.GetHashCode());
        Assert.That(CarActions.Nine.Equals(CarActions.Gymnasium), Is.False);
        Assert.That(new CarActions(s_own[1], s_own[0], s_own[2]).Equals(s_own), Is.False, "The order counts.");
    }

    [Test]
    public void Nine_are_all_of_three_times_three()
    {
        double[] steers = [0, 0.6, -0.6];
        CarControls[] expected = [.. steers.SelectMany(steer => new CarControls[] { new(steer, 0, 0), new(steer, 0.4, 0), new(steer, 0, 0.4) })];
        Assert.That(CarActions.Nine, Is.EquivalentTo(expected));
    }

    [Test]
    public void Nine_may_be_of_other_strengths()
    {
        Assert.That(CarActions.NineOf(0.6, 0.4, 0.4), Is.EqualTo(CarActions.Nine));
        Assert.That(CarActions.NineOf(1, 0.15, 0.8)[5], Is.EqualTo(new CarControls(-1, 0.15, 0)));
        Assert.That(CarActions.NineOf(1, 0.15, 0.8)[7], Is.EqualTo(new CarControls(1, 0, 0.8)));
        Assert.That(() => CarActions.NineOf(0.6, 0, 0.4), Throws.ArgumentException.With.Message.Contains("got [0, 0, 0] as actions 0 and 3"));
        Assert.That(() => CarActions.NineOf(0.6, 1.5, 0.4), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Mirrors_exchange_the_steering()
    {
        Assert.That(CarActions.Gymnasium.MirrorActions, Is.EqualTo([0, 2, 1, 3, 4]));
        Assert.That(CarActions.Nine.MirrorActions, Is.EqualTo([0, 2, 1, 3, 5, 4, 6, 8, 7]));
        Assert.That(s_own.MirrorActions, Is.EqualTo([0, 2, 1]));
        Assert.That(
            () => new CarActions(new(0, 0, 0), new(0.5, 0, 0)).MirrorActions,
            Throws.InvalidOperationException.With.Message.Contains("[-0.5, 0, 0]"));
    }

    [Test]
    public void What_cannot_be_is_refused()
    {
        Assert.That(() => new CarActions(new CarControls(0, 0, 0)), Throws.ArgumentException.With.Message.Contains("at least 2 actions, got 1"));
        Assert.That(
            () => new CarActions(new(0, 0, 0), new(0.5, 0, 0), new(0, 0, 0)),
            Throws.ArgumentException.With.Message.Contains("got [0, 0, 0] as actions 0 and 2"));
        Assert.That(() => new CarActions(new(0, 0, 0), new(1.5, 0, 0)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CarActions(new(0, 0, 0), new(0, -0.1, 0)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CarActions(new(0, 0, 0), new(0, 0, double.NaN)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new CarRacingOptions { Actions = null! }, Throws.ArgumentNullException);
    }

    [TestCase("null", "null")]
    [TestCase("""{ "steer": 1 }""", "a table")]
    [TestCase("[[0, 0, 0], [0, 1]]", "[0,1]")]
    [TestCase("[[0, 0, 0], [0, 1, \"full\"]]", "full")]
    [TestCase("[[0, 0, 0], [2, 0, 0]]", "Steer from -1 to 1, got 2")]
    [TestCase("[[0, 0, 0], [0, 0, 0]]", "differ")]
    public void A_table_that_cannot_be_read_is_refused(string json, string named)
    {
        Assert.That(() => CarActions.FromJson(JsonNode.Parse(json)), Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));
        Assert.That(
            () => CarRacingPreset.FromJson(JsonNode.Parse($$"""{ "task": { "actions": {{json}} } }"""), CarRacingPresets.Fast),
            Throws.TypeOf<InvalidDataException>());
    }

    [TestCaseSource(nameof(All))]
    public void Actions_are_their_controls(CarActions actions)
    {
        using var discrete = new CarRacingEnvironment(new CarRacingOptions { Actions = actions });
        using var continuous = new CarRacingEnvironment();
        Assert.That(discrete.Spec.ActionCount, Is.EqualTo(actions.Count));
        discrete.Reset(3);
        continuous.Reset(3);
        for (int step = 0; step < 150; step++)
        {
            int action = step * 7 / 4 % actions.Count;
            Assert.That(discrete.Step(action), Is.EqualTo(continuous.Step(actions[action])));
            Assert.That(discrete.Car.Dynamics.Hull, Is.EqualTo(continuous.Car.Dynamics.Hull));
        }

        Assert.That(() => discrete.Step(actions.Count), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_description_names_a_table_of_its_own()
    {
        using var plain = new CarRacingEnvironment();
        using var nine = new CarRacingEnvironment(new CarRacingOptions { Actions = CarActions.Nine, LapEndsOnPercentage = true });
        Assert.That(plain.Describe()["options"]!.AsObject().ContainsKey("actions"), Is.False);
        Assert.That(CarActions.FromJson(nine.Describe()["options"]!["actions"]).Equals(CarActions.Nine));
        Assert.That((bool)nine.Describe()["options"]!["lapEndsOnPercentage"]!);
    }

    [Test]
    public void A_preset_of_nine_mirrors_nine()
    {
        CarRacingPreset preset = CarRacingPresets.Fast with
        {
            Task = new CarRacingOptions { Actions = CarActions.Nine },
            Agent = CarRacingPresets.Fast.Agent with { Environments = 2, BufferCapacity = 1000, MirrorActions = CarActions.Nine.MirrorActions },
        };
        using FrameStack evaluated = preset.CreateEnvironment();
        using VectorEnvironment trained = preset.CreateTrainingEnvironments();
        using DqnAgent agent = preset.CreateAgent(trained.Spec, seed: 1);
        Assert.That((evaluated.Spec.ActionCount, trained.Spec.ActionCount, agent.Network.ActionCount), Is.EqualTo((9, 9, 9)));
    }
}
