using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public sealed class RandomShiftTests
{
    [TestCase(1, 1, 1, 1, 0)]
    [TestCase(3, 2, 5, 7, 4)]
    [TestCase(20, 3, 7, 5, 3)]
    [TestCase(40, 4, 12, 12, 4)]
    [TestCase(7, 1, 3, 40, 2)]
    [TestCase(7, 2, 40, 3, 2)]
    [TestCase(4, 4, 84, 84, 4)]
    public void EqualsPaddingByReplicationAndCropping(int batch, int frames, int height, int width, int padding)
    {
        byte[] source = Pixels(batch * frames * height * width);
        byte[] expected = PadAndCrop(source, frames, height, width, padding, new Pcg64(5));
        var destination = new byte[source.Length];
        byte[] before = [.. source];
        RandomShift.Apply(source, frames, height, width, padding, new Pcg64(5), destination);
        Assert.That(destination, Is.EqualTo(expected));
        Assert.That(source, Is.EqualTo(before));
        RandomShift.Apply(source, frames, height, width, padding, new Pcg64(5), source);
        Assert.That(source, Is.EqualTo(expected), "in place");
    }

    [Test]
    public void EveryShiftIsAsLikelyAsAnyOther()
    {
        // Pixel (1, 1) of nine different ones tells the shift.
        byte[] source = [.. Enumerable.Repeat(Enumerable.Range(0, 9).Select(i => (byte)i), 9000).SelectMany(f => f)];
        RandomShift.Apply(source, 1, 3, 3, 1, new Pcg64(1), source);
        var counts = new int[9];
        for (int i = 4; i < source.Length; i += 9)
            counts[source[i]]++;
        Assert.That(counts, Is.All.InRange(1000 - 130, 1000 + 130));
    }

    [Test]
    public void BadInputIsNamed()
    {
        var random = new Pcg64(1);
        var pixels = new byte[40];
        Assert.Multiple(() =>
        {
            Assert.That(() => Apply(0, 4, 5, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Apply(1, 0, 5, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Apply(1, 4, 0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Apply(1, 4, 5, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Apply(1, 4, 5, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => Apply(3, 4, 5, 1), Throws.ArgumentException.With.Message.Contains("3 × 4 × 5"));
            Assert.That(
                () => RandomShift.Apply(pixels, 1, 4, 5, 1, random, new byte[20]),
                Throws.ArgumentException.With.Message.Contains("40"));
            Assert.That(
                () => RandomShift.Apply(pixels.AsSpan(0, 20), 1, 4, 5, 1, random, pixels.AsSpan(5, 20)),
                Throws.ArgumentException.With.Message.Contains("part"));
        });

        void Apply(int frames, int height, int width, int padding) =>
            RandomShift.Apply(pixels, frames, height, width, padding, random, new byte[40]);
    }

    private static byte[] Pixels(int count)
    {
        var random = new Pcg64(3);
        var pixels = new byte[count];
        foreach (ref byte pixel in pixels.AsSpan())
            pixel = (byte)random.Integer(256);
        return pixels;
    }

    private static byte[] PadAndCrop(byte[] source, int frames, int height, int width, int padding, Pcg64 random)
    {
        var result = new byte[source.Length];
        int bytes = height * width, paddedWidth = width + 2 * padding, paddedHeight = height + 2 * padding;
        for (int stack = 0; stack < source.Length / (frames * bytes); stack++)
        {
            int top = random.Integer(2 * padding + 1), left = random.Integer(2 * padding + 1);
            for (int frame = stack * frames; frame < (stack + 1) * frames; frame++)
            {
                var padded = new byte[paddedHeight, paddedWidth];
                for (int y = 0; y < paddedHeight; y++)
                {
                    int from = Math.Clamp(y - padding, 0, height - 1);
                    for (int x = 0; x < paddedWidth; x++)
                        padded[y, x] = source[frame * bytes + from * width + Math.Clamp(x - padding, 0, width - 1)];
                }

                for (int y = 0; y < height; y++)
                    for (int x = 0; x < width; x++)
                        result[frame * bytes + y * width + x] = padded[top + y, left + x];
            }
        }

        return result;
    }
}
