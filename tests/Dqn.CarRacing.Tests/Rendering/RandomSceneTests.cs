using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing.Rendering;

public class RandomSceneTests
{
    private readonly FrameRenderer _renderer = new();
    private readonly PlainRenderer _surface = new();
    private readonly byte[] _expected = new byte[FrameRenderer.ObservationBytes];
    private readonly byte[] _drawn = new byte[FrameRenderer.ObservationBytes];

    [Test]
    public void The_cells_give_what_all_pixels_give([Range(0, 9)] int seed)
    {
        var random = new Pcg64((ulong)seed + 1000);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        for (int i = 0; i < 40; i++)
        {
            Shake(scene, random);
            AssertDrawnAlike(scene, $"scene {i}");
            AssertGreyAlike(scene, $"scene {i}");
        }
    }

    [Test]
    public void Right_angles_are_drawn_alike([Range(-4, 4)] int quarters)
    {
        var random = new Pcg64(5);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        Shake(scene, random);
        foreach (double shift in new[] { 0, 1e-8, 5e-7, 2e-6, -5e-7 })
        {
            scene.Hull = scene.Hull with { Angle = (float)(quarters * Math.PI / 2 + shift) };
            AssertDrawnAlike(scene, $"{shift} beyond");
        }
    }

    [Test]
    public void Long_bars_reach_into_the_picture()
    {
        var random = new Pcg64(6);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        foreach (double omega in new[] { -2000, -450, -1e-4, 1.1e-4, 399, 400, 401, 3000, 5000 })
        {
            Shake(scene, random);
            scene.WheelOmega.AsSpan().Fill(omega);
            scene.Hull = scene.Hull with { VelocityX = (float)omega, AngularVelocity = (float)omega };
            AssertDrawnAlike(scene, $"omega {omega}");
        }
    }

    [Test]
    public void The_large_picture_is_what_all_pixels_give([Range(0, 4)] int seed)
    {
        var random = new Pcg64((ulong)seed + 2000);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        byte[] expected = new byte[FrameRenderer.LargeBytes], drawn = new byte[FrameRenderer.LargeBytes];
        for (int i = 0; i < 12; i++)
        {
            Shake(scene, random);
            scene.SkidMarks = [.. Enumerable.Range(0, random.Integer(8)).Select(_ => Skid(scene, random))];
            if (i % 4 == 3)
                scene.WheelOmega.AsSpan().Fill(random.Uniform(-3000, 3000));
            SmoothScale.Shrink(_surface.Render(scene, skidMarks: true), 600, 400, expected);
            _renderer.Render600x400(scene, drawn);
            int first = drawn.AsSpan().CommonPrefixLength(expected);
            Assert.That(
                first, Is.EqualTo(expected.Length),
                () => $"scene {i}: row {first / 1800}, column {first % 1800 / 3}");
        }
    }

    [Test]
    public void Nothing_is_allocated_for_a_large_picture()
    {
        var random = new Pcg64(8);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        Shake(scene, random);
        var trails = new SkidTrails();
        for (int i = 0; i < 20; i++)
            trails.Slide(i % 4, scene.Hull.X + i, scene.Hull.Y, onGrass: false);
        scene.SkidMarks = trails;
        var picture = new byte[FrameRenderer.LargeBytes];
        Assert.That(
            Allocations.Of(() =>
            {
                for (int i = 0; i < 5; i++)
                    _renderer.Render600x400(scene, picture);
            }),
            Is.Zero);
    }

    [Test]
    public void Nothing_is_allocated_for_a_frame()
    {
        var random = new Pcg64(7);
        var scene = new Scene();
        scene.Begin(Track.Generate(random));
        Shake(scene, random);
        scene.Time = 0.02;
        _renderer.Render96(scene, _drawn);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 60; i++)
        {
            scene.Time += 0.02;
            _renderer.Render96(scene, _drawn);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_wrong_buffer_is_refused()
    {
        var scene = new Scene();
        var buffer = new byte[3];
        Assert.Multiple(() =>
        {
            Assert.That(() => _renderer.Render96(scene, buffer), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => _renderer.RenderGrey84(scene, buffer), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => _renderer.Render600x400(scene, buffer), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private void AssertDrawnAlike(Scene scene, string what)
    {
        SmoothScale.Shrink(_surface.Render(scene, skidMarks: false), 96, 96, _expected);
        _renderer.Render96(scene, _drawn);
        int first = _drawn.AsSpan().CommonPrefixLength(_expected);
        Assert.That(
            first, Is.EqualTo(_expected.Length), () => $"{what}: row {first / 288}, column {first % 288 / 3}, " +
            $"{_expected[first]} expected, {_drawn[first]} drawn");
    }

    private void AssertGreyAlike(Scene scene, string what)
    {
        Span<byte> grey = stackalloc byte[FrameRenderer.GreyBytes], expected = stackalloc byte[84];
        _renderer.RenderGrey84(scene, grey);
        for (int y = 0; y < 84; y++)
        {
            GreyCrop.ToGrey(_expected.AsSpan((y * 96 + 6) * 3, 84 * 3), expected);
            Assert.That(grey.Slice(y * 84, 84).SequenceEqual(expected), Is.True, $"{what}, grey row {y}");
        }
    }

    private static SkidMark Skid(Scene scene, Pcg64 random)
    {
        var mark = new SkidMark();
        mark.Begin(random.Integer(2) == 0);
        (double x, double y) = (scene.Hull.X + random.Uniform(-40, 40), scene.Hull.Y + random.Uniform(-40, 40));
        for (int i = 2 + random.Integer(10); i > 0; i--)
            mark.Add((float)(x += random.Uniform(-2, 2)), (float)(y += random.Uniform(-2, 2)));
        return mark;
    }

    // Any place, on the road or beyond the playfield, any direction, zoom, colour and speed.
    private static void Shake(Scene scene, Pcg64 random)
    {
        ref readonly TrackTile tile = ref scene.Track.Tiles[random.Integer(scene.Track.Tiles.Length)];
        bool onRoad = random.Integer(2) == 0;
        scene.Hull = Body(onRoad ? tile.X : random.Uniform(-360, 360), onRoad ? tile.Y : random.Uniform(-360, 360));
        for (int i = 0; i < 4; i++)
        {
            scene.Wheels[i] = Body(scene.Hull.X + random.Uniform(-2, 2), scene.Hull.Y + random.Uniform(-2, 2));
            scene.WheelOmega[i] = random.Uniform(-50, 250);
            scene.WheelPhase[i] = random.Uniform(-10, 300);
        }

        scene.SteeringAngle = (float)random.Uniform(-0.5, 0.5);
        scene.Reward = random.Uniform(-200, 1000);
        scene.Time = random.Integer(2) == 0 ? random.Uniform(0, 1) : random.Uniform(1, 100);
        foreach (ref bool touched in scene.TouchedTiles.AsSpan())
            touched = random.Integer(3) == 0;
        scene.RoadColor = Color();
        scene.BackgroundColor = Color();
        scene.GrassColor = Color();

        BodyState Body(double x, double y)
        {
            float angle = (float)random.Uniform(-7, 7);
            return new(
                (float)x, (float)y, angle, MathF.Sin(angle), MathF.Cos(angle),
                (float)random.Uniform(-80, 80), (float)random.Uniform(-80, 80), (float)random.Uniform(-8, 8));
        }

        SceneColor Color() => new(random.Uniform(0, 230), random.Uniform(0, 230), random.Uniform(0, 230));
    }
}
