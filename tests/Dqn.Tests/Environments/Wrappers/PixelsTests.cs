using Dqn.Environments;

namespace Dqn.Tests.Environments.Wrappers;

/// <summary>From a picture of any layout to what a network takes.</summary>
public class PixelsTests
{
    [Test]
    public void Channels_are_put_one_after_the_other()
    {
        using var environment = new Picture([2, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18).WithChannelsFirst();
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo([3, 2, 3]));
        Assert.That(environment.Spec.Layout, Is.EqualTo(ObservationLayout.ChannelsFirst));
        Assert.That(Observe(environment), Is.EqualTo(new byte[] { 1, 4, 7, 10, 13, 16, 2, 5, 8, 11, 14, 17, 3, 6, 9, 12, 15, 18 }));
    }

    // [2, 3] to [1, 2]: each new pixel covers one old column and half of the next, over two rows.
    [Test]
    public void A_new_pixel_is_the_mean_of_what_it_covers()
    {
        using var environment = new Picture([2, 3], 10, 20, 40, 30, 60, 80).WithResize(1, 2);
        Assert.That(Observe(environment), Is.EqualTo(new byte[] { 27, 53 }), "80 / 3 and 160 / 3, rounded");
    }

    [Test]
    public void A_larger_size_repeats_pixels()
    {
        using var environment = new Picture([1, 2], 7, 200).WithResize(2, 4);
        Assert.That(Observe(environment), Is.EqualTo(new byte[] { 7, 7, 200, 200, 7, 7, 200, 200 }));
    }

    [Test]
    public void Half_the_side_is_what_Downscale_gives([Values(1, 3)] int channels)
    {
        var random = new Random(1);
        var pixels = new byte[channels * 8 * 6];
        random.NextBytes(pixels);
        using var resized = new Picture([channels, 8, 6], pixels).WithResize(4, 3);
        byte[] got = Observe(resized);
        for (int channel = 0; channel < channels; channel++)
        {
            using var downscaled = new Picture([8, 6], pixels[(channel * 48)..((channel + 1) * 48)]).WithDownscale(2);
            Assert.That(got[(channel * 12)..((channel + 1) * 12)], Is.EqualTo(Observe(downscaled)));
        }
    }

    [Test]
    public void A_resized_picture_is_the_naive_mean()
    {
        var random = new Random(2);
        foreach ((int h, int w, int newH, int newW) in new[] { (7, 5, 3, 4), (64, 48, 42, 42), (10, 10, 10, 10), (3, 9, 8, 2) })
        {
            var pixels = new byte[h * w];
            random.NextBytes(pixels);
            using var environment = new Picture([h, w], pixels).WithResize(newH, newW);
            Assert.That(Observe(environment), Is.EqualTo(Naive(pixels, h, w, newH, newW)), $"{h} × {w} to {newH} × {newW}");
        }
    }

    [TestCase(true, new[] { 4, 21, 16 })]
    [TestCase(false, new[] { 12, 21, 16 })]
    public void One_call_makes_RGB_trainable(bool grey, int[] shape)
    {
        using var environment = new Picture([64, 48, 3], new byte[64 * 48 * 3]).WithPixels(21, 16, grey);
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo(shape));
        Assert.That((environment.Spec.Layout, environment.Spec.StackedFrames), Is.EqualTo((ObservationLayout.ChannelsFirst, 4)));
        Assert.That(EnvironmentConformance.List(() => new Picture([64, 48, 3], new byte[64 * 48 * 3]).WithPixels(21, 16, grey), 30), Is.Empty);
    }

    [Test]
    public void Colours_are_stacked_frame_after_frame()
    {
        using var environment = new CountingEnvironment(shape: [2, 2, 3]).WithPixels(2, 2, grey: false, stack: 2);
        environment.Reset(1);
        environment.Step(0);
        var stack = new byte[24];
        environment.Observe(stack);
        Assert.That(stack[..12], Is.All.EqualTo(stack[0]));
        Assert.That(stack[12..], Is.All.EqualTo((byte)(stack[0] + 1)), "the newest frame is the last");
    }

    [Test]
    public void What_cannot_be_is_refused_with_the_cure()
    {
        Assert.That(
            () => new Picture([8, 8, 3], new byte[192]).WithFrameStack(),
            Throws.ArgumentException.With.Message.Contains(".WithPixels(height, width)"));
        Assert.That(
            () => new Picture([8, 8, 3], new byte[192]).WithResize(4, 4),
            Throws.ArgumentException.With.Message.Contains(".WithChannelsFirst()"));
        Assert.That(() => new Picture([8, 8], new byte[64]).WithResize(0, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Picture([8, 8], new byte[64]).WithResize(4, 5000), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new Picture([3, 8, 8], new byte[192]).WithChannelsFirst(),
            Throws.ArgumentException.With.Message.Contains("expected observations of [height, width, channels]"));
        Assert.That(
            () => new CartPoleEnvironment().WithPixels(), Throws.ArgumentException.With.Message.Contains("single pictures"));
    }

    private static byte[] Naive(byte[] pixels, int h, int w, int newH, int newW)
    {
        var result = new byte[newH * newW];
        for (int y = 0; y < newH; y++)
        {
            for (int x = 0; x < newW; x++)
            {
                decimal sum = 0, area = 0;
                for (int row = 0; row < h; row++)
                {
                    for (int column = 0; column < w; column++)
                    {
                        decimal high = Math.Min((y + 1) * (decimal)h / newH, row + 1) - Math.Max(y * (decimal)h / newH, row);
                        decimal wide = Math.Min((x + 1) * (decimal)w / newW, column + 1) - Math.Max(x * (decimal)w / newW, column);
                        if (high <= 0 || wide <= 0)
                            continue;
                        sum += high * wide * pixels[row * w + column];
                        area += high * wide;
                    }
                }

                result[y * newW + x] = (byte)Math.Floor(Math.Round(sum / area, 12) + 0.5m);
            }
        }

        return result;
    }

    private static byte[] Observe(IEnvironment environment)
    {
        environment.Reset(1);
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Observe(observation);
        return observation;
    }

    /// <summary>Always the same picture.</summary>
    private sealed class Picture(int[] shape, params byte[] pixels) : CountingEnvironment(shape: [.. shape])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            pixels.CopyTo(observation);
        }

        public override EnvironmentSpec Spec => base.Spec with
        {
            Layout = shape.Length == 2 ? ObservationLayout.Grey
                : shape[^1] == 3 && shape[0] != 3 ? ObservationLayout.ChannelsLast : ObservationLayout.ChannelsFirst,
        };
    }
}
