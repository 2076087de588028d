using Dqn.Networks;

namespace Dqn.Tests.Networks;

/// <summary>What misfits is refused when it is described, with the shape, the need and the cure.</summary>
public class LayerShapeTests
{
    private static readonly Linear s_last = new("z", 2);

    [Test]
    public void Numbers_out_of_range_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => new Conv2d("a", 1, 3, 1, 3),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 … 2"));
        Assert.That(() => new Conv2d("a", 1, 3, 1, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MaxPool2d(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new MaxPool2d(3, 1, 2),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 … 1"));
        Assert.That(() => new AvgPool2d(2, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdaptiveAvgPool2d(0, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new AdaptiveMaxPool2d(1, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Residual([]), Throws.ArgumentException);
        Assert.That(new MaxPool2d(3).Stride, Is.EqualTo(3));
        Assert.That(new Residual([s_last]), Is.EqualTo(new Residual([new Linear("z", 2)])));
        Assert.That(new Residual([s_last]), Is.Not.EqualTo(new Residual([new Linear("z", 3)])));
    });

    [Test]
    public void Features_are_no_images() => Assert.That(
        () => new Sequential([4], false, [new MaxPool2d(2), s_last]),
        Throws.ArgumentException.With.Message.Contains("Layer 0: a MaxPool2d needs [channels, height, width]")
            .And.Message.Contains("got [4]"));

    [Test]
    public void Images_too_small_are_refused_with_the_cure() => Assert.Multiple(() =>
    {
        Refuses(new Conv2d("a", 4, 5, 1, 1), "Layer 0: a needs images of at least its kernel's size", "padding", "[3, 2, 8]");
        Refuses(new AvgPool2d(3), "an AvgPool2d needs images", "a smaller kernel", "[3, 2, 8]");
        Refuses(new AdaptiveMaxPool2d(3, 8), "3 × 8", "[3, 2, 8]");
        Refuses(new Residual([new Conv2d("a", 3, 1, 2)]), "[3, 2, 8], which is added", "[3, 1, 4]", "padding");
        Refuses(new Residual([new Conv2d("a", 4, 3, 1, 1)]), "[4, 2, 8]");
        Refuses(new Residual([new Flatten()]), "[48]");

        static void Refuses(Layer layer, params string[] words)
        {
            string message = Assert.Throws<ArgumentException>(
                () => _ = new Sequential([3, 2, 8], true, [layer, new Flatten(), s_last]))!.Message;
            foreach (string word in words)
                Assert.That(message, Does.Contain(word));
        }
    });

    [Test]
    public void Blocks_that_compute_nothing_or_hold_a_dueling_are_refused() => Assert.Multiple(() =>
    {
        Assert.That(() => new Sequential([4], false, [new Residual([new Flatten()]), s_last]),
            Throws.ArgumentException.With.Message.Contains("Flatten alone"));
        Assert.That(
            () => new Sequential(
                [3], false, [new Residual([new Dueling([new Linear("v", 1)], [new Linear("w", 3)])]), s_last]),
            Throws.ArgumentException.With.Message.Contains("Dueling"));
        Assert.That(() => new Sequential([4], false, [s_last, new Residual([new Relu()])]),
            Throws.ArgumentException.With.Message.Contains("got Residual"));
    });
}
