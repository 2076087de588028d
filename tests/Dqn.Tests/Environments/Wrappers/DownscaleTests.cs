using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

public class DownscaleTests
{
    // Pixel i of the 4 × 6 frame is 10 · i, the last one 255.
    private sealed class Frame() : CountingEnvironment(shape: [4, 6])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            for (int i = 0; i < 24; i++)
                observation[i] = (byte)(10 * i);
            observation[23] = 255;
        }
    }

    private sealed class Picture(byte[] pixels, int width) : CountingEnvironment(shape: [pixels.Length / width, width])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            pixels.CopyTo(observation);
        }
    }

    [Test]
    public void Averages_squares_and_rounds_halves_up()
    {
        using var environment = new Frame().WithDownscale(2);
        environment.Reset();
        var small = new byte[6];
        environment.Observe(small);

        // (0 + 10 + 60 + 70) / 4 = 35; the last (160 + 170 + 220 + 255) / 4 = 201.25.
        Assert.That(small, Is.EqualTo((byte[])[35, 55, 75, 155, 175, 201]));
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo((int[])[2, 3]));
        Assert.That(environment.Spec.StackedFrames, Is.EqualTo(1));
    }

    [TestCase(0, 0, 0, 1, 0)]
    [TestCase(0, 0, 1, 1, 1)]
    [TestCase(255, 255, 255, 255, 255)]
    [TestCase(255, 255, 255, 253, 255)]
    [TestCase(255, 255, 254, 253, 254)]
    public void Rounding(byte a, byte b, byte c, byte d, byte expected)
    {
        using var environment = new Square([a, b, c, d]).WithDownscale(2);
        environment.Reset();
        var small = new byte[1];
        environment.Observe(small);
        Assert.That(small[0], Is.EqualTo(expected));
    }

    [Test]
    public void Of_any_width([Values(1, 15, 16, 17, 42, 64)] int columns, [Values(2, 3)] int factor)
    {
        const int Rows = 3;
        var picture = new byte[Rows * factor * columns * factor];
        new Random(columns).NextBytes(picture);
        using var environment = new Picture(picture, columns * factor).WithDownscale(factor);
        environment.Reset();
        var small = new byte[Rows * columns];
        environment.Observe(small);
        for (int i = 0; i < small.Length; i++)
        {
            int top = i / columns * factor, left = i % columns * factor, sum = 0;
            for (int pixel = 0; pixel < factor * factor; pixel++)
                sum += picture[(top + pixel / factor) * columns * factor + left + pixel % factor];
            Assert.That(small[i], Is.EqualTo((int)Math.Floor((double)sum / (factor * factor) + 0.5)));
        }
    }

    [Test]
    public void A_factor_of_one_changes_nothing()
    {
        using var environment = new Frame().WithDownscale(1);
        using var plain = new Frame();
        environment.Reset();
        plain.Reset();
        byte[] same = new byte[24], expected = new byte[24];
        environment.Observe(same);
        plain.Observe(expected);
        Assert.That(same, Is.EqualTo(expected));
    }

    [Test]
    public void In_the_car_race_every_small_pixel_is_the_mean_of_its_four()
    {
        using var small = new PixelPipeline { Downscale = 2 }.Create();
        using var full = new PixelPipeline().Create();
        Assert.That(small.Spec.ObservationShape, Is.EqualTo((int[])[4, 42, 42]));
        byte[] halves = new byte[small.Spec.ObservationBytes], wholes = new byte[full.Spec.ObservationBytes];
        var random = new Pcg64(3);
        small.Reset(9);
        full.Reset(9);
        for (int step = 0; step < 20; step++)
        {
            small.Observe(halves);
            full.Observe(wholes);
            for (int i = 0; i < halves.Length; i++)
            {
                int at = i / 42 * 2 * 84 + i % 42 * 2;
                int mean = (wholes[at] + wholes[at + 1] + wholes[at + 84] + wholes[at + 85] + 2) / 4;
                Assert.That(halves[i], Is.EqualTo(mean), $"step {step}, number {i}");
            }

            int action = random.Integer(5);
            Assert.That(small.Step(action), Is.EqualTo(full.Step(action)));
        }
    }

    [Test]
    public void What_does_not_divide_or_is_no_grey_frame_is_refused()
    {
        Assert.That(
            () => new Frame().WithDownscale(4),
            Throws.ArgumentException.With.Message.Contains("multiples of 4, got [4, 6] of Byte"));
        Assert.That(
            () => new CarRacingEnvironment().WithDownscale(2),
            Throws.ArgumentException.With.Message.Contains("got [96, 96, 3]"));
        Assert.That(() => new Frame().WithDownscale(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private sealed class Square(byte[] pixels) : CountingEnvironment(shape: [2, 2])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            pixels.CopyTo(observation);
        }
    }
}
