using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>
/// Finds what a picture shows of a scene above the panel, in the order of drawing. The reference draws all ground and
/// road that has a corner near the surface; what does not meet the surface leaves no trace there, so it is left out
/// here.
/// </summary>
internal sealed class SceneShapes
{
    /// <summary>The playfield reaches from −bounds to bounds, metres.</summary>
    public const double Bounds = 2000 / 6.0;

    /// <summary>The side of a square of grass, metres; there are 20 × 20, as far apart as they are wide.</summary>
    public const double GrassSize = Bounds / 20.0;

    private Track? _track;
    private (float X, float Y)[] _centers = [];
    private float _tileRadius;

    /// <summary>The playfield.</summary>
    public static Quad GroundQuad => new(Bounds, Bounds, Bounds, -Bounds, -Bounds, -Bounds, -Bounds, Bounds);

    /// <summary>The shapes that <see cref="Find"/> found.</summary>
    public ShapeList Shapes { get; } = new();

    /// <summary>A square of grass; even numbers from −20 to 18.</summary>
    public static Quad GrassQuad(int x, int y)
    {
        double left = GrassSize * x + 0, right = GrassSize * x + GrassSize;
        double bottom = GrassSize * y + 0, top = GrassSize * y + GrassSize;
        return new(right, bottom, left, bottom, left, top, right, top);
    }

    /// <summary>Finds the shapes.</summary>
    /// <param name="scene">What to look at.</param>
    /// <param name="left">The first column of the surface that is looked at.</param>
    /// <param name="right">The last such column.</param>
    /// <returns>The colour below them: the ground's if it fills all, so that it is not among the shapes.</returns>
    public int Find(Scene scene, int left, int right)
    {
        var camera = new Camera(scene.Hull, scene.Time);
        Shapes.Clear(left, right);
        int below = AddGround(camera);
        AddRoad(scene, camera);
        AddCar(scene, camera);
        AddBars(scene);
        return below;
    }

    private int AddGround(in Camera camera)
    {
        // The part of the world that the camera sees, and two pixels more for rounding.
        (double left, double bottom) = camera.ToWorld(0, ShapeList.FirstRow);
        (double right, double top) = (left, bottom);
        ReadOnlySpan<(double X, double Y)> others =
        [
            camera.ToWorld(Camera.Width, ShapeList.FirstRow), camera.ToWorld(Camera.Width, Camera.Height),
            camera.ToWorld(0, Camera.Height),
        ];
        foreach ((double x, double y) in others)
        {
            (left, right) = (Math.Min(left, x), Math.Max(right, x));
            (bottom, top) = (Math.Min(bottom, y), Math.Max(top, y));
        }

        double margin = 2 / camera.Zoom;
        bool inside = Math.Max(Math.Max(-left, right), Math.Max(-bottom, top)) + margin < Bounds;
        if (!inside)
            Add(camera, GroundQuad, CanvasColor.Ground);

        (int firstX, int lastX) = Squares(left - margin, right + margin);
        (int firstY, int lastY) = Squares(bottom - margin, top + margin);
        for (int x = firstX; x <= lastX; x += 2)
            for (int y = firstY; y <= lastY; y += 2)
                Add(camera, GrassQuad(x, y), CanvasColor.Grass);
        return inside ? CanvasColor.Ground : CanvasColor.Black;

        // Even numbers of squares that may reach into an interval.
        static (int First, int Last) Squares(double from, double to)
        {
            int first = (int)Math.Floor(from / GrassSize) - 1, last = (int)Math.Floor(to / GrassSize) + 1;
            return (Math.Max(first + (first & 1), -20), Math.Min(last - (last & 1), 18));
        }
    }

    private void AddRoad(Scene scene, in Camera camera)
    {
        ReadOnlySpan<TrackTile> tiles = scene.Track.Tiles;
        if (_track != scene.Track)
            Measure(scene.Track);

        const double HalfWidth = Camera.Width / 2.0, HalfHeight = Indicators.Top / 2.0;
        (double x, double y) = camera.ToWorld(HalfWidth, ShapeList.FirstRow + HalfHeight);
        float centerX = (float)x, centerY = (float)y;
        float reach = (float)(Math.Sqrt(HalfWidth * HalfWidth + HalfHeight * HalfHeight) / camera.Zoom) + _tileRadius;
        float limit = reach * reach;
        for (int i = 0; i < tiles.Length; i++)
        {
            float dx = _centers[i].X - centerX, dy = _centers[i].Y - centerY;
            if (dx * dx + dy * dy > limit)
                continue;
            ref readonly TrackTile tile = ref tiles[i];
            Add(camera, tile.Road, CanvasColor.Road + (scene.TouchedTiles[i] ? 0 : i % CanvasColor.RoadShades));
            if (tile.Border != TrackBorder.None)
                Add(camera, tile.BorderQuad, tile.Border == TrackBorder.White ? CanvasColor.White : CanvasColor.Red);
        }
    }

    private void AddCar(Scene scene, in Camera camera)
    {
        Span<Vector2> stripe = stackalloc Vector2[4];
        for (int i = 0; i < 4; i++)
        {
            Add(camera, CarShape.Wheel.Vertices, scene.Wheels[i], CanvasColor.Black);
            if (CarOutline.TryGetStripe(scene.WheelPhase[i], stripe))
                Add(camera, stripe, scene.Wheels[i], CanvasColor.Stripe);
        }

        foreach (ConvexPolygon part in CarShape.Hull)
            Add(camera, part.Vertices, scene.Hull, CanvasColor.Hull);
    }

    // Bars that are longer than the panel is high; the rest of them comes with the panel.
    private void AddBars(Scene scene)
    {
        Span<IndicatorBar> bars = stackalloc IndicatorBar[Indicators.MaximumBars];
        foreach (ref readonly IndicatorBar bar in bars[..Indicators.GetBars(scene, bars)])
        {
            if (bar.Top >= Indicators.Top)
                continue;
            int top = Camera.Height - 1 - bar.Bottom, bottom = Camera.Height - 1 - bar.Top;
            Shapes.AddRectangle(bar.Left, top, bar.Right, bottom, CanvasColor.OfBar(bar));
        }
    }

    private void Add(in Camera camera, in Quad quad, int color)
    {
        ReadOnlySpan<Point> corners =
        [
            camera.ToPixel(quad.X0, quad.Y0), camera.ToPixel(quad.X1, quad.Y1),
            camera.ToPixel(quad.X2, quad.Y2), camera.ToPixel(quad.X3, quad.Y3),
        ];
        Shapes.AddSmooth(corners, color);
    }

    private void Add(in Camera camera, ReadOnlySpan<Vector2> outline, in BodyState body, int color)
    {
        Span<Point> corners = stackalloc Point[CarOutline.MaximumPoints];
        corners = corners[..outline.Length];
        CarOutline.Place(outline, body, camera, corners);
        Shapes.Add(corners, color);
    }

    // How far a tile and its kerb reach from the tile's centre, over the whole track.
    private void Measure(Track track)
    {
        ReadOnlySpan<TrackTile> tiles = track.Tiles;
        if (_centers.Length < tiles.Length)
            _centers = new (float X, float Y)[Math.Max(512, tiles.Length)];
        double radius = 0;
        for (int i = 0; i < tiles.Length; i++)
        {
            ref readonly TrackTile tile = ref tiles[i];
            _centers[i] = ((float)tile.X, (float)tile.Y);
            radius = Math.Max(radius, Reach(tile, tile.Road));
            if (tile.Border != TrackBorder.None)
                radius = Math.Max(radius, Reach(tile, tile.BorderQuad));
        }

        // A metre more for single precision and for what a pixel's rounding adds.
        (_track, _tileRadius) = (track, (float)radius + 1 + 2 / 0.9f);

        static double Reach(in TrackTile tile, in Quad quad) => Math.Max(
            Math.Max(Distance(tile, quad.X0, quad.Y0), Distance(tile, quad.X1, quad.Y1)),
            Math.Max(Distance(tile, quad.X2, quad.Y2), Distance(tile, quad.X3, quad.Y3)));

        static double Distance(in TrackTile tile, double x, double y) =>
            Math.Sqrt((x - tile.X) * (x - tile.X) + (y - tile.Y) * (y - tile.Y));
    }
}
