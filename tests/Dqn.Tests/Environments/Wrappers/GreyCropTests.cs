using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

public class GreyCropTests
{
    // Each pixel of the 4 × 5 picture: red its row, green its column, blue 200 where row and column are odd.
    [Test]
    public void What_the_car_race_draws_in_grey_equals_its_picture_cut_and_greyed()
    {
        using var direct = new CarRacingEnvironment().WithTimeLimit().WithFrameSkip().WithGreyCrop();
        using var general = new Opaque(new CarRacingEnvironment()).WithTimeLimit().WithFrameSkip().WithGreyCrop();
        byte[] drawn = new byte[84 * 84], cut = new byte[84 * 84];
        var random = new Pcg64(1);
        direct.Reset(5);
        general.Reset(5);
        for (int step = 0; step < 100; step++)
        {
            direct.Observe(drawn);
            general.Observe(cut);
            Assert.That(drawn, Is.EqualTo(cut), $"step {step}");
            int action = random.Integer(5);
            Assert.That(direct.Step(action), Is.EqualTo(general.Step(action)));
        }
    }

    [Test]
    public void A_grey_picture_before_the_first_reset_is_refused()
    {
        using var environment = new CarRacingEnvironment().WithGreyCrop();
        Assert.That(() => environment.Observe(new byte[84 * 84]), Throws.InvalidOperationException);
    }

    // A wrapper of somebody else's, which may change the picture, so that it has to be asked for.
    private sealed class Opaque(IEnvironment inner) : EnvironmentWrapper(inner);

    private sealed class Picture() : CountingEnvironment(shape: [4, 5, 3])
    {
        public override void Observe(Span<byte> observation)
        {
            base.Observe(observation);
            for (int i = 0; i < 20; i++)
            {
                observation[i * 3] = (byte)(i / 5 * 60);
                observation[i * 3 + 1] = (byte)(i % 5 * 50);
                observation[i * 3 + 2] = (byte)(i / 5 % 2 == 1 && i % 5 % 2 == 1 ? 200 : 0);
            }
        }
    }

    [Test]
    public void CutsAndWeighsTheColours()
    {
        using var environment = new Picture().WithGreyCrop(1, 2, 3, 2);
        environment.Reset();
        var grey = new byte[6];
        environment.Observe(grey);

        // 0.299 R + 0.587 G + 0.114 B for R = 60, 120, 180 and G = 100, 150; blue at odd row, odd column.
        Assert.That(grey, Is.EqualTo((byte[])[77, 129, 95, 124, 113, 165]));
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo((int[])[3, 2]));
    }

    [TestCase(0, 0, 0, 0)]
    [TestCase(255, 255, 255, 255)]
    [TestCase(255, 0, 0, 76)]
    [TestCase(0, 255, 0, 150)]
    [TestCase(0, 0, 255, 29)]
    [TestCase(102, 204, 102, 162)]
    [TestCase(102, 230, 102, 177)]
    // Where OpenCV 4's 15-bit weights round otherwise than the 14-bit ones of OpenCV 3 (29).
    [TestCase(0, 0, 250, 28)]
    public void Grey(int red, int green, int blue, int expected)
    {
        var grey = new byte[1];
        GreyCrop.ToGrey([(byte)red, (byte)green, (byte)blue], grey);
        Assert.That(grey[0], Is.EqualTo(expected));
    }

    [TestCase(0, 0, 5, 5)]
    [TestCase(0, 1, 4, 5)]
    [TestCase(-1, 0, 2, 2)]
    [TestCase(0, 0, 0, 2)]
    [TestCase(int.MaxValue, 0, 2, 2)]
    public void RectanglesOutsideThePictureAreRefused(int top, int left, int height, int width) => Assert.That(
        () => new Picture().WithGreyCrop(top, left, height, width), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void ObservationsThatAreNotRgbAreRefused() => Assert.That(
        () => new CountingEnvironment(shape: [96, 96]).WithGreyCrop(),
        Throws.ArgumentException.With.Message.Contains(
            "expected observations of [height, width, 3] bytes, got [96, 96]"));
}
