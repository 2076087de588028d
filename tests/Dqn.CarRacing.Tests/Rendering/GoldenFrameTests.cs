using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

public class GoldenFrameTests
{
    private static readonly string[] Episodes =
        ["random", "lap", "leave-playfield", "idle-then-go", "continuous", "donuts", "domain-randomized"];

    [TestCaseSource(nameof(Episodes))]
    public void Every_byte_outside_the_score_is_Gymnasiums(string name)
    {
        var episode = new GoldenEpisode(name);
        var renderer = new FrameRenderer();
        var image = new byte[FrameRenderer.ObservationBytes];
        var large = new byte[FrameRenderer.LargeBytes];
        int kept = 0, keptLarge = 0;
        Assert.Multiple(() =>
        {
            for (int frame = 0; frame < episode.Frames; frame++)
            {
                episode.Advance();
                if (kept < episode.FrameIndex.Length && episode.FrameIndex[kept] == frame)
                {
                    renderer.Render96(episode.Scene, image);
                    AssertEqual(episode.Image(kept), image, 96, 14, 84, frame);
                    kept++;
                }

                if (keptLarge < episode.RenderIndex.Length && episode.RenderIndex[keptLarge] == frame)
                {
                    // The number's rectangle of the small image, columns 0 … 145 of the surface, seen at this size.
                    renderer.Render600x400(episode.Scene, large);
                    AssertEqual(episode.LargeImage(keptLarge), large, 600, 88, 350, frame);
                    keptLarge++;
                }
            }
        });
        Assert.That((kept, keptLarge), Is.EqualTo((episode.FrameIndex.Length, episode.RenderIndex.Length)));
    }

    private static void AssertEqual(
        ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int width, int scoreRight, int scoreTop, int frame)
    {
        int different = 0, first = -1;
        for (int i = 0; i < expected.Length; i++)
        {
            (int y, int x) = Math.DivRem(i / 3, width);
            if (expected[i] == actual[i] || (y >= scoreTop && x < scoreRight))
                continue;
            different++;
            if (first < 0)
                first = i;
        }

        string where = first < 0
            ? ""
            : $"row {first / 3 / width}, column {first / 3 % width}: {expected[first]} expected, {actual[first]} drawn";
        Assert.That(different, Is.Zero, $"Frame {frame}, {width} wide; {where}");
    }
}
