using Dqn.CarRacing;
using Dqn.Environments;

namespace Dqn.Tests.Environments;

public class ToneCurveTests
{
    // Pixel i is i.
    private sealed class AllTones() : CountingEnvironment(shape: [256])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            for (int i = 0; i < 256; i++)
                observation[i] = (byte)i;
        }
    }

    [Test]
    public void Tones_follow_the_lines_between_the_points()
    {
        byte[] tones = Tones(new AllTones().WithToneCurve((0, 10), (100, 10), (102, 20), (105, 50), (255, 0)));
        Assert.That(tones[..101], Is.All.EqualTo(10));
        Assert.That(tones[101..106], Is.EqualTo((byte[])[15, 20, 30, 40, 50]));
        for (int tone = 105; tone < 256; tone++)
            Assert.That(tones[tone], Is.EqualTo(50 - (tone - 105) / 3.0).Within(0.5));
        Assert.That(Tones(new AllTones().WithToneCurve((0, 0), (255, 255))), Is.EqualTo(Tones(new AllTones())));
        Assert.That(Tones(new AllTones().WithToneCurve((0, 255), (255, 0)))[3], Is.EqualTo(252));
    }

    [Test]
    public void Points_that_make_no_curve_are_refused()
    {
        Refuses();
        Refuses((0, 0));
        Refuses((0, 0), (254, 255));
        Refuses((1, 0), (255, 255));
        Refuses((0, 0), (7, 1), (7, 2), (255, 255));
        Refuses((0, 0), (255, 256));
        Refuses((0, -1), (255, 255));
        Assert.That(
            () => new CartPoleEnvironment().WithToneCurve((0, 0), (255, 255)),
            Throws.ArgumentException.With.Message.Contains("bytes").And.Message.Contains("CartPole"));

        static void Refuses(params (int, int)[] points) => Assert.That(
            () => new AllTones().WithToneCurve([.. points]), Throws.ArgumentException.With.Message.Contains("points"));
    }

    [Test]
    public void Contrast_tells_visited_tiles_from_those_to_come()
    {
        using var plain = new PixelPipeline().Create();
        using var contrast = new PixelPipeline { TileContrast = true }.Create();
        byte[] before = new byte[plain.Spec.ObservationBytes], after = new byte[before.Length];
        plain.Reset(5);
        contrast.Reset(5);
        for (int i = 0; i < 20; i++)
        {
            plain.Step(3);
            contrast.Step(3);
        }

        plain.Observe(before);
        contrast.Observe(after);
        var tones = new Dictionary<byte, byte>();
        for (int i = 0; i < before.Length; i++)
        {
            Assert.That(after[i], Is.EqualTo(tones.GetValueOrDefault(before[i], after[i])), "one tone has one tone");
            tones[before[i]] = after[i];
        }

        // A visited tile, and the two kinds of those to come that are another grey.
        Assert.That((tones[102], tones[104], tones[107]), Is.EqualTo(((byte)106, (byte)125, (byte)153)));
    }

    [Test]
    public void Conforms() => Assert.That(
        EnvironmentConformance.List(() => new PixelPipeline { TileContrast = true }.Create(), 40), Is.Empty);

    private static byte[] Tones(IEnvironment environment)
    {
        environment.Reset();
        var tones = new byte[256];
        environment.Observe(tones);
        environment.Dispose();
        return tones;
    }
}
