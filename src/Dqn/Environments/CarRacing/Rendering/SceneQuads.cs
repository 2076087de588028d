namespace Dqn.Environments.CarRacing;

/// <summary>
/// Finds what a picture shows of ground, grass and road, in the order of drawing. The reference draws all that has a
/// corner near the surface; what does not meet the surface leaves no trace there, so it is left out here.
/// </summary>
internal sealed class SceneQuads
{
    /// <summary>The playfield reaches from −bounds to bounds, metres.</summary>
    public const double Bounds = 2000 / 6.0;

    /// <summary>The side of a square of grass, metres; there are 20 × 20, as far apart as they are wide.</summary>
    public const double GrassSize = Bounds / 20.0;

    private const int FirstRow = Camera.Height - Indicators.Top;

    private Track? _track;
    private (float X, float Y)[] _centers = [];
    private float _tileRadius;
    private ColoredQuad[] _quads = new ColoredQuad[512];
    private int _count;

    /// <summary>The quads that the rows above the panel show.</summary>
    /// <param name="scene">What there is.</param>
    /// <param name="camera">What looks at it.</param>
    /// <param name="onGround">Whether ground is all that the camera sees below these, so that it is not among them.</param>
    public ReadOnlySpan<ColoredQuad> Find(Scene scene, in Camera camera, out bool onGround)
    {
        _count = 0;
        Span<(double X, double Y)> corners =
        [
            camera.ToWorld(0, FirstRow), camera.ToWorld(Camera.Width, FirstRow),
            camera.ToWorld(Camera.Width, Camera.Height), camera.ToWorld(0, Camera.Height),
        ];
        (double left, double bottom, double right, double top) = (corners[0].X, corners[0].Y, corners[0].X, corners[0].Y);
        foreach ((double x, double y) in corners)
        {
            (left, right) = (Math.Min(left, x), Math.Max(right, x));
            (bottom, top) = (Math.Min(bottom, y), Math.Max(top, y));
        }

        // Two pixels more than the camera sees, for rounding.
        double margin = 2 / camera.Zoom;
        (left, bottom, right, top) = (left - margin, bottom - margin, right + margin, top + margin);
        onGround = Math.Max(Math.Max(-left, right), Math.Max(-bottom, top)) < Bounds;
        if (!onGround)
            Add(camera, GroundQuad, CanvasColor.Ground);
        AddGrass(camera, left, bottom, right, top);
        AddRoad(scene, camera);
        return _quads.AsSpan(0, _count);
    }

    /// <summary>The playfield.</summary>
    public static Quad GroundQuad => new(Bounds, Bounds, Bounds, -Bounds, -Bounds, -Bounds, -Bounds, Bounds);

    /// <summary>A square of grass; even numbers from −20 to 18.</summary>
    public static Quad GrassQuad(int x, int y)
    {
        double left = GrassSize * x + 0, right = GrassSize * x + GrassSize;
        double bottom = GrassSize * y + 0, top = GrassSize * y + GrassSize;
        return new(right, bottom, left, bottom, left, top, right, top);
    }

    private void AddGrass(in Camera camera, double left, double bottom, double right, double top)
    {
        (int firstX, int lastX) = Range(left, right);
        (int firstY, int lastY) = Range(bottom, top);
        for (int x = firstX; x <= lastX; x += 2)
            for (int y = firstY; y <= lastY; y += 2)
                Add(camera, GrassQuad(x, y), CanvasColor.Grass);

        // Even numbers of squares that may reach into an interval.
        static (int First, int Last) Range(double from, double to)
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
        (double x, double y) = camera.ToWorld(HalfWidth, FirstRow + HalfHeight);
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

    private void Add(in Camera camera, in Quad quad, int color)
    {
        Point p0 = camera.ToPixel(quad.X0, quad.Y0), p1 = camera.ToPixel(quad.X1, quad.Y1);
        Point p2 = camera.ToPixel(quad.X2, quad.Y2), p3 = camera.ToPixel(quad.X3, quad.Y3);
        if (Math.Max(Math.Max(p0.Y, p1.Y), Math.Max(p2.Y, p3.Y)) < FirstRow
            || Math.Min(Math.Min(p0.Y, p1.Y), Math.Min(p2.Y, p3.Y)) >= Camera.Height
            || Math.Max(Math.Max(p0.X, p1.X), Math.Max(p2.X, p3.X)) < 0
            || Math.Min(Math.Min(p0.X, p1.X), Math.Min(p2.X, p3.X)) >= Camera.Width)
        {
            return;
        }

        if (_count == _quads.Length)
            Array.Resize(ref _quads, 2 * _count);
        _quads[_count++] = new ColoredQuad(p0, p1, p2, p3, color);
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

        // A metre more for single precision and for what a picture's edge cuts off.
        (_track, _tileRadius) = (track, (float)radius + 1);

        static double Reach(in TrackTile tile, in Quad quad) => Math.Max(
            Math.Max(Distance(tile, quad.X0, quad.Y0), Distance(tile, quad.X1, quad.Y1)),
            Math.Max(Distance(tile, quad.X2, quad.Y2), Distance(tile, quad.X3, quad.Y3)));

        static double Distance(in TrackTile tile, double x, double y) =>
            Math.Sqrt((x - tile.X) * (x - tile.X) + (y - tile.Y) * (y - tile.Y));
    }
}
