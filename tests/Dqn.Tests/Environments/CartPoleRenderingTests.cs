using Dqn.Environments;
using Dqn.Media;

namespace Dqn.Tests.Environments;

/// <summary>CartPole's picture for people.</summary>
public class CartPoleRenderingTests
{
    [Test]
    public void The_cart_moves_where_it_is_pushed_and_the_pole_leans_the_other_way()
    {
        using var environment = new CartPoleEnvironment();
        environment.Reset(1);
        PngImage before = Picture(environment);
        for (int i = 0; i < 8; i++)
            environment.Step(1);
        PngImage after = Picture(environment);
        Assert.Multiple(() =>
        {
            Assert.That(Centre(after, 100, color => color == (0, 0, 0)), Is.GreaterThan(Centre(before, 100, color => color == (0, 0, 0))), "right");
            Assert.That(Centre(after, 200, IsPole) - Centre(after, 120, IsPole), Is.LessThan(-5), "the pole's top is left of its foot");
            Assert.That(Math.Abs(Centre(before, 200, IsPole) - Centre(before, 120, IsPole)), Is.LessThan(6), "upright at first");
        });
    }

    [Test]
    public void Drawing_changes_nothing()
    {
        using var drawn = new CartPoleEnvironment();
        using var plain = new CartPoleEnvironment();
        drawn.Reset(3);
        plain.Reset(3);
        for (int i = 0; i < 6; i++)
        {
            Picture(drawn);
            Assert.That(drawn.Step(i % 2), Is.EqualTo(plain.Step(i % 2)));
            Assert.That(drawn.State, Is.EqualTo(plain.State));
        }
    }

    [Test]
    public void A_wrong_span_and_a_picture_before_the_first_reset_are_refused()
    {
        using var environment = new CartPoleEnvironment();
        Assert.That(() => Picture(environment), Throws.InvalidOperationException);
        environment.Reset(1);
        Assert.That(() => environment.Render(new byte[7]), Throws.ArgumentException.With.Message.Contains("[400, 600, 3]"));
    }

    private static bool IsPole((byte, byte, byte) color) => color == (202, 152, 101);

    private static PngImage Picture(CartPoleEnvironment environment)
    {
        var pixels = new byte[environment.RenderWidth * environment.RenderHeight * 3];
        environment.Render(pixels);
        return new PngImage(environment.RenderWidth, environment.RenderHeight, PixelFormat.Rgb, pixels);
    }

    // The mean column of a row's pixels of a colour; the row counted from below.
    private static double Centre(PngImage picture, int up, Func<(byte, byte, byte), bool> isIt) => Enumerable.Range(0, picture.Width)
        .Where(x => isIt((picture[x, picture.Height - up][0], picture[x, picture.Height - up][1], picture[x, picture.Height - up][2])))
        .Average();
}
