using System.Text.Json;
using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing;

/// <summary>The notebook's wrapper around Gymnasium's environment, step by step.</summary>
public class PixelPipelineTests
{
    [Test]
    public void RewardsFlagsAndStacksAreTheNotebooks()
    {
        using var document = JsonDocument.Parse(GoldenFiles.ReadBytes("carracing/wrapped.json"));
        var golden = document.RootElement;
        byte[] stacks = GoldenFiles.ReadBytes("carracing/wrapped.stacks.gz");
        int[] actions = [.. golden.GetProperty("actions").EnumerateArray().Select(e => e.GetInt32())];
        double[] rewards = [.. golden.GetProperty("rewards").EnumerateArray().Select(e => e.GetDouble())];
        bool[][] flags = [.. golden.GetProperty("terminated_truncated").EnumerateArray()
            .Select(pair => pair.EnumerateArray().Select(e => e.GetBoolean()).ToArray())];
        int[] stackIndex = [.. golden.GetProperty("stack_index").EnumerateArray().Select(e => e.GetInt32())];

        using var environment = new PixelPipeline().Create();
        Assert.That(environment.Spec, Is.EqualTo(new EnvironmentSpec
        {
            Name = "CarRacing-v3",
            ObservationShape = [4, 84, 84],
            ElementType = ElementType.Byte,
            ActionCount = 5,
            StackedFrames = 4,
        }));
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Reset(golden.GetProperty("seed").GetUInt64());
        int compared = 0;
        for (int step = 0; step <= actions.Length; step++)
        {
            if (step > 0)
            {
                Assert.That(
                    environment.Step(actions[step - 1]),
                    Is.EqualTo(new StepResult(rewards[step - 1], flags[step - 1][0], flags[step - 1][1])),
                    $"step {step}");
            }

            // Looking only where there is something to compare shows too that the frames between are in the stack.
            if (compared == stackIndex.Length || stackIndex[compared] != step)
                continue;
            environment.Observe(observation);
            var expected = stacks.AsSpan(compared++ * observation.Length, observation.Length);
            int different = 0;
            for (int i = 0; i < expected.Length; i++)
                different += expected[i] == observation[i] ? 0 : 1;
            Assert.That(different, Is.Zero, $"bytes of the stack after step {step}");
        }

        Assert.That(compared, Is.EqualTo(10));
    }

    [Test]
    public void OfficialReturnHoldsTheNoOpFrames()
    {
        using var environment = new PixelPipeline().Create();
        var statistics = environment.Find<EpisodeStatistics>()!;
        environment.Reset(7);
        double noOpReturn = statistics.Return;
        Assert.That(statistics.Frames, Is.EqualTo(50));

        // Two tiles at least lie under the wheels at the start.
        int tiles = environment.Find<CarRacingEnvironment>()!.Track.Tiles.Length;
        Assert.That(noOpReturn, Is.EqualTo(2 * 1000.0 / tiles - 5).Within(1e-9));

        double sum = 0;
        for (int i = 0; i < 10; i++)
            sum += environment.Step(3).Reward;
        Assert.That(statistics.Frames, Is.EqualTo(90));
        Assert.That(statistics.Return, Is.EqualTo(noOpReturn + sum).Within(1e-9));
    }

    [Test]
    public void WithoutNoOpFramesTheAgentDrivesFromTheFirstOne()
    {
        using var environment = new PixelPipeline { NoOpFrames = 0 }.Create();
        using var bare = new CarRacingEnvironment();
        environment.Reset(7);
        bare.Reset(7);
        var statistics = environment.Find<EpisodeStatistics>()!;
        Assert.That((statistics.Frames, statistics.Return), Is.EqualTo((0, 0.0)));
        double expected = Enumerable.Range(0, 4).Sum(_ => bare.Step(3).Reward);
        Assert.That(environment.Step(3).Reward, Is.EqualTo(expected));
        Assert.That(statistics.Frames, Is.EqualTo(4));
    }

    [Test]
    public void EndsAfterAThousandFrames()
    {
        using var environment = new PixelPipeline().Create();
        environment.Reset(7);
        int steps = 0;
        StepResult result;
        do
        {
            result = environment.Step(0);
            steps++;
        }
        while (!result.Ended);
        Assert.That((steps, result.Terminated, result.Truncated), Is.EqualTo((238, false, true)));
        Assert.That(environment.Find<EpisodeStatistics>()!.Frames, Is.EqualTo(1000));
    }

    [Test]
    public void Conforms() => Assert.That(
        EnvironmentConformance.List(() => new PixelPipeline().Create(), 40), Is.Empty);

    [Test]
    public void ConformsWithoutWrappersAndWithRandomColours() => Assert.That(
        EnvironmentConformance.List(
            () => new CarRacingEnvironment(new CarRacingOptions { DomainRandomize = true }).WithTimeLimit(15), 40),
        Is.Empty);
}
