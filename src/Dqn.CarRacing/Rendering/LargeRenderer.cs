using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>
/// The 600 × 400 picture with skid marks. Draws the 1000 × 800 surface as the reference does, but for what would not
/// touch it, and leaves it upside down: the panel is drawn so too, and <see cref="LargeScale"/> reads it from below.
/// </summary>
internal sealed class LargeRenderer
{
    private const uint RubberColor = 0, MudColor = 102 << 16 | 102 << 8;

    private readonly Surface _surface = new(Camera.Width, Camera.Height);

    /// <summary>Draws the picture.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [400, 600, 3].</param>
    public void Render(Scene scene, Span<byte> rgb)
    {
        var camera = new Camera(scene.Hull, scene.Time);
        _surface.Clear();
        DrawGround(scene, camera);
        DrawRoad(scene, camera);
        DrawSkidMarks(scene, camera);
        DrawCar(scene, camera);
        DrawPanel(scene);
        LargeScale.Shrink(_surface, rgb);
    }

    private void DrawGround(Scene scene, in Camera camera)
    {
        DrawQuad(camera, SceneShapes.GroundQuad, scene.BackgroundColor.ToPixel());
        uint grass = scene.GrassColor.ToPixel();
        for (int x = -20; x < 20; x += 2)
            for (int y = -20; y < 20; y += 2)
                DrawQuad(camera, SceneShapes.GrassQuad(x, y), grass);
    }

    private void DrawRoad(Scene scene, in Camera camera)
    {
        ReadOnlySpan<TrackTile> tiles = scene.Track.Tiles;
        for (int i = 0; i < tiles.Length; i++)
        {
            double shade = scene.TouchedTiles[i] ? 0 : SceneColor.Shade(i % 3);
            DrawQuad(camera, tiles[i].Road, scene.RoadColor.ToPixel(shade));
            if (tiles[i].Border != TrackBorder.None)
                DrawQuad(camera, tiles[i].BorderQuad, tiles[i].Border == TrackBorder.White ? 0xFFFFFFu : 0xFF0000u);
        }
    }

    private void DrawSkidMarks(Scene scene, in Camera camera)
    {
        for (int mark = 0; mark < scene.SkidMarks.Count; mark++)
        {
            bool onGrass = scene.SkidMarks[mark].OnGrass;
            ReadOnlySpan<(float X, float Y)> points = scene.SkidMarks[mark].Points;
            for (int i = 1; i < points.Length; i++)
            {
                _surface.DrawThickLine(
                    camera.ToPixel(points[i - 1].X, points[i - 1].Y), camera.ToPixel(points[i].X, points[i].Y),
                    onGrass ? MudColor : RubberColor);
            }
        }
    }

    private void DrawCar(Scene scene, in Camera camera)
    {
        Span<Vector2> stripe = stackalloc Vector2[4];
        for (int i = 0; i < 4; i++)
        {
            DrawPart(CarShape.Wheel.Vertices, scene.Wheels[i], camera, CarOutline.WheelColor);
            if (CarOutline.TryGetStripe(scene.WheelPhase[i], stripe))
                DrawPart(stripe, scene.Wheels[i], camera, CarOutline.StripeColor);
        }

        foreach (ConvexPolygon part in CarShape.Hull)
            DrawPart(part.Vertices, scene.Hull, camera, CarOutline.HullColor);
    }

    private void DrawPart(ReadOnlySpan<Vector2> shape, in BodyState body, in Camera camera, uint color)
    {
        Span<Point> points = stackalloc Point[CarOutline.MaximumPoints];
        points = points[..shape.Length];
        CarOutline.Place(shape, body, camera, points);
        _surface.DrawPolygon(points, color);
    }

    private void DrawPanel(Scene scene)
    {
        Fill(0, Indicators.Top, Camera.Width - 1, Camera.Height - 1, 0);
        Span<IndicatorBar> bars = stackalloc IndicatorBar[Indicators.MaximumBars];
        foreach (IndicatorBar bar in bars[..Indicators.GetBars(scene, bars)])
            Fill(bar.Left, bar.Top, bar.Right, bar.Bottom, bar.Color);

        Span<byte> characters = stackalloc byte[ScoreText.MaximumLength];
        characters = characters[..ScoreText.Format(scene.Reward, characters)];
        Span<(int Left, int Right)> pieces = stackalloc (int Left, int Right)[ScoreText.MaximumPieces];
        for (int y = ScoreText.Top; y < ScoreText.Bottom; y++)
            foreach ((int left, int right) in pieces[..ScoreText.GetPieces(characters, y, pieces)])
                Fill(left, y, right, y, ScoreText.Color);

        void Fill(int left, int top, int right, int bottom, uint color) =>
            _surface.FillRectangle(left, Camera.Height - 1 - bottom, right, Camera.Height - 1 - top, color);
    }

    private void DrawQuad(in Camera camera, in Quad quad, uint color)
    {
        Point a = camera.ToPixel(quad.X0, quad.Y0), b = camera.ToPixel(quad.X1, quad.Y1);
        Point c = camera.ToPixel(quad.X2, quad.Y2), d = camera.ToPixel(quad.X3, quad.Y3);
        if (Math.Max(Math.Max(a.X, b.X), Math.Max(c.X, d.X)) < 0
            || Math.Max(Math.Max(a.Y, b.Y), Math.Max(c.Y, d.Y)) < 0
            || Math.Min(Math.Min(a.X, b.X), Math.Min(c.X, d.X)) >= Camera.Width
            || Math.Min(Math.Min(a.Y, b.Y), Math.Min(c.Y, d.Y)) >= Camera.Height)
        {
            return;
        }

        _surface.DrawSmoothPolygon([a, b, c, d], color);
    }
}
