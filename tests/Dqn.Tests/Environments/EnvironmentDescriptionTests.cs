using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Identity;

namespace Dqn.Tests.Environments;

public class EnvironmentDescriptionTests
{
    [Test]
    public void Every_wrapper_says_its_numbers()
    {
        using IEnvironment environment = new CountingEnvironment(shape: [8, 8, 3])
            .WithTimeLimit(70)
            .WithStatistics()
            .WithNoOpStart(3, 1)
            .WithFrameSkip(2)
            .WithStickyActions(0.125)
            .WithRewardTimeout(9, terminates: true)
            .WithSetbackStart(0.25, -2)
            .WithGreyCrop(1, 2, 6, 4)
            .WithToneCurve((0, 0), (255, 200))
            .WithDownscale(2)
            .WithFrameStack(3);
        Assert.That(JsonNode.DeepEquals(environment.Describe(), JsonNode.Parse("""
            {
              "kind": "FrameStack", "frames": 3, "inner": {
              "kind": "Downscale", "factor": 2, "inner": {
              "kind": "ToneCurve", "points": [[0, 0], [255, 200]], "inner": {
              "kind": "GreyCrop", "top": 1, "left": 2, "height": 6, "width": 4, "inner": {
              "kind": "SetbackStart", "part": 0.25, "reward": -2, "inner": {
              "kind": "RewardTimeout", "steps": 9, "terminates": true, "inner": {
              "kind": "StickyActions", "probability": 0.125, "inner": {
              "kind": "FrameSkip", "frames": 2, "inner": {
              "kind": "NoOpStart", "steps": 3, "action": 1, "inner": {
              "kind": "EpisodeStatistics", "inner": {
              "kind": "TimeLimit", "frames": 70, "inner": {
              "kind": "CountingEnvironment", "spec": {
                "name": "Counting", "observationShape": [8, 8, 3], "elementType": "Byte", "layout": "ChannelsLast",
                "stackedFrames": 1, "actionCount": 3 }
              }}}}}}}}}}}}
            """)), environment.Describe().ToJsonString());
    }

    [Test]
    public void What_differs_is_named()
    {
        using IEnvironment four = new CountingEnvironment().WithFrameSkip(4).WithNoOpStart(1);
        using IEnvironment two = new CountingEnvironment().WithFrameSkip(2).WithNoOpStart(9);
        Assert.That(
            Differences.Between(four.Describe(), two.Describe()),
            Is.EqualTo(["steps was 1, is 9", "[FrameSkip].frames was 4, is 2"]));
        Assert.That(Differences.Between(four.Describe(), four.Describe()), Is.Empty);
    }

    [Test]
    public void A_vector_of_equal_environments_describes_one()
    {
        using var equal = new VectorEnvironment(3, _ => new CountingEnvironment().WithTimeLimit(5));
        using var other = new VectorEnvironment(2, index => new CountingEnvironment().WithTimeLimit(5 + index));
        Assert.That((int)equal.Describe()["count"]!, Is.EqualTo(3));
        Assert.That((int)equal.Describe()["environment"]!["frames"]!, Is.EqualTo(5));
        Assert.That(
            other.Describe()["environments"]!.AsArray().Select(one => (int)one!["frames"]!), Is.EqualTo([5, 6]));
    }

    [TestCase("{ not JSON")]
    [TestCase("{ \"kind\": \"a\", \"kind\": \"b\" }")]
    [TestCase("{ \"\\ud800\": 1 }")] // half a character
    [TestCase("{ \"kind\": \"\\udc00\" }")]
    public void A_damaged_description_is_refused(string text)
    {
        using IEnvironment environment = new CountingEnvironment();
        using var memory = new MemoryStream();
        new BinaryWriter(memory).Write(text);
        memory.Position = 0;
        Assert.That(
            () => EnvironmentState.Load(environment, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("description"));
    }

    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F })] // −1
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void An_impossible_length_is_no_failed_disk(byte[] length)
    {
        using IEnvironment environment = new CountingEnvironment();
        Assert.That(
            () => EnvironmentState.Load(environment, new BinaryReader(new MemoryStream(length))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("length"));
    }

    // What a file says is shown in a terminal.
    [Test]
    public void Differences_name_nothing_that_a_terminal_obeys()
    {
        using IEnvironment environment = new CountingEnvironment();
        using var memory = new MemoryStream();
        new BinaryWriter(memory).Write("{ \"kind\": \"CountingEnvironment\", \"\\u001b[2J\": 1 }");
        memory.Position = 0;
        Assert.That(
            () => EnvironmentState.Load(environment, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("\\u{1B}[2J").And.Message.Not.Contains("\u001b"));
    }
}
