using System.Numerics;

namespace Dqn.Environments.CarRacing;

/// <summary>
/// Draws scenes as Gymnasium's CarRacing does, byte for byte but for the score's font. Allocates nothing per frame.
/// Not safe for concurrent use.
/// </summary>
internal sealed class FrameRenderer
{
    /// <summary>Bytes of an observation: 96 × 96 × 3.</summary>
    public const int ObservationBytes = 96 * 96 * 3;

    /// <summary>Bytes of a large render: 400 rows × 600 columns × 3.</summary>
    public const int LargeBytes = 400 * 600 * 3;

    private readonly CellCanvas _canvas = new();
    private readonly SceneQuads _quads = new();
    private SurfaceRenderer? _surface;

    /// <summary>The 96 × 96 observation.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [96, 96, 3].</param>
    public void Render96(Scene scene, Span<byte> rgb)
    {
        var camera = new Camera(scene.Hull, scene.Time);
        SetColors(scene);
        ReadOnlySpan<ColoredQuad> quads = _quads.Find(scene, camera, out bool onGround);
        _canvas.Clear(onGround ? CanvasColor.Ground : CanvasColor.Black);
        _canvas.DrawSmoothQuads(quads);
        DrawCar(scene, camera);
        _canvas.DrawPanel(scene, picture: false);
        _canvas.Shrink(96, rgb);
    }

    /// <summary>The 600 × 400 render with skid marks.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [400, 600, 3].</param>
    public void Render600x400(Scene scene, Span<byte> rgb)
    {
        _surface ??= new SurfaceRenderer();
        SmoothScale.Shrink(_surface.Render(scene, skidMarks: true), 600, 400, rgb);
    }

    private void SetColors(Scene scene)
    {
        _canvas.SetColor(CanvasColor.Black, 0);
        _canvas.SetColor(CanvasColor.Ground, scene.BackgroundColor.ToPixel());
        _canvas.SetColor(CanvasColor.Grass, scene.GrassColor.ToPixel());
        for (int i = 0; i < CanvasColor.RoadShades; i++)
            _canvas.SetColor(CanvasColor.Road + i, scene.RoadColor.ToPixel(SceneColor.Shade(i)));
        _canvas.SetColor(CanvasColor.White, Indicators.SpeedColor);
        _canvas.SetColor(CanvasColor.Red, Indicators.GyroscopeColor);
        _canvas.SetColor(CanvasColor.Hull, CarOutline.HullColor);
        _canvas.SetColor(CanvasColor.Stripe, CarOutline.StripeColor);
        _canvas.SetColor(CanvasColor.Blue, Indicators.FrontColor);
        _canvas.SetColor(CanvasColor.Violet, Indicators.RearColor);
        _canvas.SetColor(CanvasColor.Green, Indicators.SteeringColor);
    }

    private void DrawCar(Scene scene, in Camera camera)
    {
        Span<Vector2> stripe = stackalloc Vector2[4];
        for (int i = 0; i < 4; i++)
        {
            DrawPart(CarShape.Wheel.Vertices, scene.Wheels[i], camera, CanvasColor.Black);
            if (CarOutline.TryGetStripe(scene.WheelPhase[i], stripe))
                DrawPart(stripe, scene.Wheels[i], camera, CanvasColor.Stripe);
        }

        foreach (ConvexPolygon part in CarShape.Hull)
            DrawPart(part.Vertices, scene.Hull, camera, CanvasColor.Hull);
    }

    private void DrawPart(ReadOnlySpan<Vector2> shape, in BodyState body, in Camera camera, int color)
    {
        Span<Point> points = stackalloc Point[CarOutline.MaximumPoints];
        points = points[..shape.Length];
        CarOutline.Place(shape, body, camera, points);
        _canvas.DrawPolygon(points, color);
    }
}
