using System.Text.Json.Nodes;
using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class EnvironmentPipelineTests
{
    [Test]
    public void All_wrappers_are_made_again_from_their_description()
    {
        using IEnvironment environment = new CountingEnvironment(shape: [8, 8, 3])
            .WithTimeLimit(70).WithStatistics().WithNoOpStart(3, 1).WithFrameSkip(2).WithStickyActions(0.125)
            .WithRewardTimeout(9, terminates: true).WithSetbackStart(0.25, -2).WithGreyCrop(1, 2, 6, 4).WithToneCurve((0, 0), (255, 200)).WithDownscale(2)
            .WithFrameStack(3);
        JsonObject description = JsonNode.Parse(environment.Describe().ToJsonString())!.AsObject();
        using IEnvironment again = EnvironmentPipeline.Rebuild(description, new CountingEnvironment(shape: [8, 8, 3]));
        Assert.That(again.Describe().ToJsonString(), Is.EqualTo(environment.Describe().ToJsonString()));

        using IEnvironment colour = new CountingEnvironment(shape: [8, 8, 3]).WithPixels(5, 4, grey: false);
        using IEnvironment sameColour = EnvironmentPipeline.Rebuild(colour.Describe(), new CountingEnvironment(shape: [8, 8, 3]));
        Assert.That(sameColour.Describe().ToJsonString(), Is.EqualTo(colour.Describe().ToJsonString()));
    }

    [Test]
    public void A_wrapper_of_ones_own_is_made_as_told()
    {
        using IEnvironment environment = new Doubling(new CountingEnvironment().WithTimeLimit(4), 3);
        Assert.That(
            () => EnvironmentPipeline.Rebuild(environment.Describe(), new CountingEnvironment()),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("'Doubling'").And.Message.Contains("Rebuild"));
        using IEnvironment again = EnvironmentPipeline.Rebuild(
            environment.Describe(), new CountingEnvironment(),
            new Dictionary<string, Func<IEnvironment, JsonObject, IEnvironment>>
            {
                [nameof(Doubling)] = (inner, numbers) => new Doubling(inner, (double)numbers["factor"]!),
            });
        Assert.That(again.Describe().ToJsonString(), Is.EqualTo(environment.Describe().ToJsonString()));
    }

    [TestCase("""{ "kind": "FrameSkip", "inner": {} }""", "FrameSkip: expected a number as 'frames'")]
    [TestCase("""{ "kind": "FrameSkip", "frames": 0, "inner": {} }""", "FrameSkip")]
    [TestCase("""{ "kind": "FrameSkip", "frames": "four", "inner": {} }""", "FrameSkip")]
    [TestCase("""{ "kind": "FrameSkip", "frames": 2147483648, "inner": {} }""", "FrameSkip")]
    [TestCase("""{ "kind": "ToneCurve", "points": [[0]], "inner": {} }""", "ToneCurve")]
    [TestCase("""{ "kind": "TimeLimit", "frames": 3, "inner": { "spec": { "name": "Other" } } }""", "name was \"Other\"")]
    public void What_cannot_be_is_refused_and_named(string description, string named) => Assert.That(
        () => EnvironmentPipeline.Rebuild(JsonNode.Parse(description)!.AsObject(), new CountingEnvironment()),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains(named));

    [Test]
    public void Endless_nesting_is_refused()
    {
        JsonObject description = [];
        for (int i = 0; i < 60; i++)
            description = new JsonObject { ["kind"] = "EpisodeStatistics", ["inner"] = description };
        using (EnvironmentPipeline.Rebuild(description, new CountingEnvironment()))
            for (int i = 0; i < 5; i++)
                description = new JsonObject { ["kind"] = "EpisodeStatistics", ["inner"] = description.DeepClone() };
        Assert.That(
            () => EnvironmentPipeline.Rebuild(description, new CountingEnvironment()),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("at most 64"));
    }

    private sealed class Doubling(IEnvironment inner, double factor) : EnvironmentWrapper(inner)
    {
        public override StepResult Step(int action) => Inner.Step(action) is var result
            ? result with { Reward = factor * result.Reward } : default;

        protected override void Describe(JsonObject numbers) => numbers["factor"] = factor;
    }
}
