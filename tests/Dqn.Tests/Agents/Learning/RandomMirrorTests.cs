using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public sealed class RandomMirrorTests
{
    [TestCase(5, 3, 1)]
    [TestCase(6, 8, 7)]
    [TestCase(3, 4 * 84, 84)]
    public void RowsAreReversedWhereItIsDrawn(int batch, int rows, int width)
    {
        var random = new Pcg64(2);
        var pixels = new byte[batch * rows * width];
        foreach (ref byte pixel in pixels.AsSpan())
            pixel = (byte)random.Integer(256);
        var mirrored = new bool[batch];
        RandomMirror.Draw(random, mirrored);
        Assert.That(mirrored.Distinct().Count(), Is.EqualTo(2));
        byte[] expected = [.. pixels];
        for (int i = 0; i < pixels.Length; i++)
            if (mirrored[i / (rows * width)])
                expected[i] = pixels[i / width * width + width - 1 - i % width];
        RandomMirror.Observations(mirrored, width, pixels);
        Assert.That(pixels, Is.EqualTo(expected));
    }

    [Test]
    public void ActionsAreExchangedWhereItIsDrawn()
    {
        int[] actions = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4];
        bool[] mirrored = [false, false, false, false, false, true, true, true, true, true];
        RandomMirror.Actions(mirrored, [0, 2, 1, 3, 4], actions);
        Assert.That(actions, Is.EqualTo(new[] { 0, 1, 2, 3, 4, 0, 2, 1, 3, 4 }));
    }

    [Test]
    public void HalfOfAllAreMirrored()
    {
        var mirrored = new bool[10_000];
        RandomMirror.Draw(new Pcg64(1), mirrored);
        Assert.That(mirrored.Count(m => m), Is.InRange(4800, 5200));
    }

    [Test]
    public void BadInputIsNamed()
    {
        bool[] two = [true, false];
        Assert.Multiple(() =>
        {
            Assert.That(
                () => RandomMirror.Observations(two, 0, new byte[8]), Throws.TypeOf<ArgumentOutOfRangeException>());
            Assert.That(() => RandomMirror.Observations(two, 4, new byte[9]), Throws.ArgumentException);
            Assert.That(() => RandomMirror.Observations(two, 3, new byte[8]), Throws.ArgumentException);
            Assert.That(() => RandomMirror.Observations([], 1, new byte[1]), Throws.ArgumentException);
            Assert.That(() => RandomMirror.Actions(two, [1, 0], new int[3]), Throws.ArgumentException);
            Assert.That(() => RandomMirror.Actions(two, [1, 0], [0, 2]), Throws.ArgumentException);
            Assert.That(
                () => RandomMirror.Actions(two, [1, 2, 0], [0, 0]),
                Throws.ArgumentException.With.Message.Contains("1 as the mirror of 0"));
            Assert.That(() => RandomMirror.Actions(two, [0, 5], [0, 0]), Throws.ArgumentException);
        });
    }
}
