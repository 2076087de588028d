using System.Numerics;
using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

/// <summary>
/// Draws a scene as the reference does it, every pixel of the 1000 × 800 surface, for any size of picture. What
/// <see cref="FrameRenderer"/> computes in less is compared with this.
/// </summary>
internal sealed class PlainRenderer
{
    private const uint RubberColor = 0, MudColor = 102 << 16 | 102 << 8;

    private readonly Surface _surface = new(Camera.Width, Camera.Height);

    /// <summary>Draws the scene upright with its panel.</summary>
    public Surface Render(Scene scene, bool skidMarks)
    {
        var camera = new Camera(scene.Hull, scene.Time);
        _surface.Clear();
        DrawGround(scene, camera);
        DrawRoad(scene, camera);
        if (skidMarks)
            DrawSkidMarks(scene, camera);
        DrawCar(scene, camera);
        Flip();
        DrawPanel(scene);
        return _surface;
    }

    private void Flip()
    {
        var row = new uint[Camera.Width];
        for (int y = 0; y < Camera.Height / 2; y++)
        {
            Span<uint> top = _surface.Row(y), bottom = _surface.Row(Camera.Height - 1 - y);
            top.CopyTo(row);
            bottom.CopyTo(top);
            row.CopyTo(bottom);
        }
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
        foreach (SkidMark mark in scene.SkidMarks)
        {
            ReadOnlySpan<(float X, float Y)> points = mark.Points;
            for (int i = 1; i < points.Length; i++)
            {
                _surface.DrawThickLine(
                    camera.ToPixel(points[i - 1].X, points[i - 1].Y), camera.ToPixel(points[i].X, points[i].Y),
                    mark.OnGrass ? MudColor : RubberColor);
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
        _surface.FillRectangle(0, Indicators.Top, Camera.Width - 1, Camera.Height - 1, 0);
        Span<IndicatorBar> bars = stackalloc IndicatorBar[Indicators.MaximumBars];
        foreach (IndicatorBar bar in bars[..Indicators.GetBars(scene, bars)])
            _surface.FillRectangle(bar.Left, bar.Top, bar.Right, bar.Bottom, bar.Color);

        Span<byte> characters = stackalloc byte[ScoreText.MaximumLength];
        characters = characters[..ScoreText.Format(scene.Reward, characters)];
        Span<(int Left, int Right)> pieces = stackalloc (int Left, int Right)[ScoreText.MaximumPieces];
        for (int y = ScoreText.Top; y < ScoreText.Bottom; y++)
            foreach ((int left, int right) in pieces[..ScoreText.GetPieces(characters, y, pieces)])
                _surface.FillRectangle(left, y, right, y, ScoreText.Color);
    }

    private void DrawQuad(in Camera camera, in Quad quad, uint color)
    {
        ReadOnlySpan<Point> points =
        [
            camera.ToPixel(quad.X0, quad.Y0), camera.ToPixel(quad.X1, quad.Y1),
            camera.ToPixel(quad.X2, quad.Y2), camera.ToPixel(quad.X3, quad.Y3),
        ];

        // The reference leaves out what has no corner near the surface; that would not have touched it.
        _surface.DrawSmoothPolygon(points, color);
    }
}
