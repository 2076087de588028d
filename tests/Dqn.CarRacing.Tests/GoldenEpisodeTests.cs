using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.CarRacing;

/// <summary>Whole episodes of Gymnasium's, played through the environment.</summary>
public class GoldenEpisodeTests
{
    [TestCaseSource(typeof(GoldenRun), nameof(GoldenRun.Names))]
    public void RewardsFlagsPhysicsAndPicturesAreEqual(string name)
    {
        var run = new GoldenRun(name);
        using var environment = new CarRacingEnvironment(run.Options);
        var small = new byte[96 * 96 * 3];
        var large = new byte[400 * 600 * 3];
        double sum = 0;
        int kept = 0, keptLarge = 0;
        environment.Reset(run.Seed);
        for (int frame = 0; frame <= run.Length; frame++)
        {
            var result = frame == 0 ? default : run.Step(environment, frame);
            sum += result.Reward;
            Assert.That(GoldenRun.Actual(environment, result), Is.EqualTo(run.Expected(frame)), $"frame {frame}");
            Assert.That(result.Truncated, Is.False);
            if (kept < run.FrameIndex.Length && run.FrameIndex[kept] == frame)
            {
                environment.Observe(small);
                AssertPicture(run.Frames.AsSpan(kept++ * small.Length, small.Length), small, 96, 84, 14, frame);
            }

            if (keptLarge < run.RenderIndex.Length && run.RenderIndex[keptLarge] == frame)
            {
                environment.Render(large);
                AssertPicture(run.Renders.AsSpan(keptLarge++ * large.Length, large.Length), large, 600, 350, 88, frame);
            }
        }

        Assert.That(sum, Is.EqualTo(run.Return));
        Assert.That((kept, keptLarge), Is.EqualTo((run.FrameIndex.Length, run.RenderIndex.Length)));
    }

    [TestCase("lap", 300)]
    [TestCase("donuts", 430)]
    [TestCase("idle-then-go", 150)]
    [TestCase("domain-randomized", 60)]
    public void AnEpisodeSavedInTheMiddleGoesOnEqual(string name, int middle)
    {
        var run = new GoldenRun(name);
        using var memory = new MemoryStream();
        using (var environment = new CarRacingEnvironment(run.Options))
        {
            environment.Reset(run.Seed);
            for (int frame = 1; frame <= middle; frame++)
                run.Step(environment, frame);
            environment.SaveState(new BinaryWriter(memory));
        }

        using var loaded = new CarRacingEnvironment(run.Options);
        memory.Position = 0;
        loaded.LoadState(new BinaryReader(memory));
        Assert.That(memory.Position, Is.EqualTo(memory.Length));
        for (int frame = middle + 1; frame <= run.Length; frame++)
        {
            var result = run.Step(loaded, frame);
            Assert.That(GoldenRun.Actual(loaded, result), Is.EqualTo(run.Expected(frame)), $"frame {frame}");
        }

        var picture = new byte[96 * 96 * 3];
        loaded.Observe(picture);
        AssertPicture(run.Frames.AsSpan()[^picture.Length..], picture, 96, 84, 14, run.Length);
    }

    [Test]
    public void AFinishedLapTruncatesInVersion2()
    {
        var run = new GoldenRun("lap");
        using var environment = new CarRacingEnvironment(new CarRacingOptions { LapTruncates = true });
        Assert.That(environment.Spec.Name, Is.EqualTo("CarRacing-v2"));
        environment.Reset(run.Seed);
        StepResult last = default;
        for (int frame = 1; frame <= run.Length; frame++)
            last = run.Step(environment, frame);
        Assert.That(last, Is.EqualTo(new StepResult(run.Expected(run.Length)[0], false, true)));
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException);
    }

    // Beside the number's rectangle, whose font is not the reference's.
    private static void AssertPicture(
        ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int width, int scoreTop, int scoreRight, int frame)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] == actual[i])
                continue;
            var (row, column) = Math.DivRem(i / 3, width);
            if (row < scoreTop || column >= scoreRight)
                Assert.Fail($"Frame {frame}, row {row}, column {column}: expected {expected[i]}, got {actual[i]}.");
        }
    }
}
