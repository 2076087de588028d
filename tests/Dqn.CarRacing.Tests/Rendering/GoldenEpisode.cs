using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing.Rendering;

/// <summary>A golden episode played back: the scene of each frame, and the images that were kept.</summary>
internal sealed class GoldenEpisode
{
    private readonly RecordedDynamics _dynamics;
    private readonly Car _car;
    private readonly string[][] _cells;
    private readonly int _actions;
    private int _frame = -1;

    public GoldenEpisode(string name)
    {
        using var document = JsonDocument.Parse(GoldenFiles.ReadBytes("carracing/episodes.json"));
        JsonElement episode = document.RootElement.EnumerateArray()
            .Single(e => e.GetProperty("name").GetString() == name);
        FrameIndex = Indices("frame_index");
        RenderIndex = Indices("rgb_index");
        Images = GoldenFiles.ReadBytes($"carracing/{name}.frames.gz");
        Renders = RenderIndex.Length == 0 ? [] : GoldenFiles.ReadBytes($"carracing/{name}.rgb600x400.gz");

        _actions = episode.GetProperty("continuous").GetBoolean() ? 3 : 1;
        _cells = [.. GoldenFiles.ReadCsv($"carracing/{name}.csv.gz")];
        _dynamics = new([.. _cells.Select(row => row[(4 + _actions)..].Select(Parse).ToArray())]);
        _car = new Car(_dynamics);

        var random = new Pcg64((ulong)episode.GetProperty("seed").GetInt64());
        if (episode.TryGetProperty("domain_randomize", out JsonElement randomize) && randomize.GetBoolean())
        {
            Scene.RoadColor = DrawColor();
            Scene.BackgroundColor = DrawColor();
            SceneColor ground = Scene.BackgroundColor;
            Scene.GrassColor = random.Integer(3) switch
            {
                0 => ground with { Red = ground.Red + 20 },
                1 => ground with { Green = ground.Green + 20 },
                _ => ground with { Blue = ground.Blue + 20 },
            };
        }

        Scene.Begin(Track.Generate(random));
        _car.Reset(Scene.Track);
        Scene.SkidMarks = _car.SkidMarks;

        int[] Indices(string key) => [.. episode.GetProperty(key).EnumerateArray().Select(e => e.GetInt32())];
        SceneColor DrawColor() => new(random.Uniform(0, 210), random.Uniform(0, 210), random.Uniform(0, 210));
    }

    public Scene Scene { get; } = new();

    public int[] FrameIndex { get; }

    public int[] RenderIndex { get; }

    public byte[] Images { get; }

    public byte[] Renders { get; }

    public int Frames => _cells.Length;

    public ReadOnlySpan<byte> Image(int kept) => Images.AsSpan(kept * 96 * 96 * 3, 96 * 96 * 3);

    public ReadOnlySpan<byte> LargeImage(int kept) => Renders.AsSpan(kept * 600 * 400 * 3, 600 * 400 * 3);

    /// <summary>Goes on to the next frame, the first time to frame 0.</summary>
    public void Advance()
    {
        _frame++;
        string[] row = _cells[_frame];
        if (_actions == 3 && _frame > 0)
        {
            _car.Steer(-Parse(row[1]));
            _car.Gas(Parse(row[2]));
            _car.Brake(Parse(row[3]));
        }
        else if (_frame > 0)
        {
            int action = int.Parse(row[1], CultureInfo.InvariantCulture);
            _car.Steer(action == 1 ? -0.6 : action == 2 ? 0.6 : 0);
            _car.Gas(action == 3 ? 0.2 : 0);
            _car.Brake(action == 4 ? 0.8 : 0);
        }

        // The engine looks for touches before it moves the bodies.
        TouchTiles();
        _car.Step();
        Scene.Hull = _dynamics.Hull;
        for (int i = 0; i < 4; i++)
        {
            Scene.Wheels[i] = _dynamics.Wheel(i);
            Scene.WheelOmega[i] = _dynamics.Omega(i);
            Scene.WheelPhase[i] = _dynamics.Phase(i);
        }

        Scene.SteeringAngle = _dynamics.JointAngle(0);
        Scene.Reward += Parse(row[_actions + 1]);
        Scene.Time = _frame == 0 ? 1.0 / 50 : Scene.Time + 1.0 / 50;
    }

    private void TouchTiles()
    {
        ReadOnlySpan<TrackTile> tiles = Scene.Track.Tiles;
        for (int i = 0; i < tiles.Length; i++)
        {
            double far = Math.Abs(tiles[i].X - _dynamics.Hull.X) + Math.Abs(tiles[i].Y - _dynamics.Hull.Y);
            if (Scene.TouchedTiles[i] || far > 30)
                continue;
            Quad road = tiles[i].Road;
            Vector2[] tile =
            [
                new((float)road.X0, (float)road.Y0), new((float)road.X1, (float)road.Y1),
                new((float)road.X2, (float)road.Y2), new((float)road.X3, (float)road.Y3),
            ];
            bool touched = false;
            foreach (ConvexPolygon part in CarShape.Hull)
                touched |= Distance(Place(part, _dynamics.Hull), tile) < 2 * ConvexPolygon.Radius;
            for (int wheel = 0; wheel < 4; wheel++)
                touched |= Distance(Place(CarShape.Wheel, _dynamics.Wheel(wheel)), tile) < 2 * ConvexPolygon.Radius;
            Scene.TouchedTiles[i] = touched;
        }
    }

    private static Vector2[] Place(ConvexPolygon shape, BodyState body)
    {
        var placed = new Vector2[shape.Vertices.Length];
        for (int i = 0; i < placed.Length; i++)
        {
            Vector2 v = shape.Vertices[i];
            placed[i] = new(
                body.Cosine * v.X - body.Sine * v.Y + body.X, body.Sine * v.X + body.Cosine * v.Y + body.Y);
        }

        return placed;
    }

    // 0 where they overlap: no edge's normal separates them.
    private static float Distance(Vector2[] a, Vector2[] b)
    {
        if (!Separated(a, b) && !Separated(b, a))
            return 0;
        return Math.Min(FromCorners(a, b), FromCorners(b, a));

        static bool Separated(Vector2[] edges, Vector2[] other)
        {
            for (int i = 0; i < edges.Length; i++)
            {
                Vector2 edge = edges[(i + 1) % edges.Length] - edges[i], normal = new(edge.Y, -edge.X);
                float[] own = [.. edges.Select(p => Vector2.Dot(p, normal))];
                float[] others = [.. other.Select(p => Vector2.Dot(p, normal))];
                if (own.Max() < others.Min() || others.Max() < own.Min())
                    return true;
            }

            return false;
        }

        static float FromCorners(Vector2[] corners, Vector2[] polygon)
        {
            float nearest = float.MaxValue;
            foreach (Vector2 corner in corners)
            {
                for (int i = 0; i < polygon.Length; i++)
                {
                    Vector2 start = polygon[i], edge = polygon[(i + 1) % polygon.Length] - start;
                    float along = Math.Clamp(Vector2.Dot(corner - start, edge) / edge.LengthSquared(), 0, 1);
                    nearest = Math.Min(nearest, Vector2.Distance(corner, start + along * edge));
                }
            }

            return nearest;
        }
    }

    private static double Parse(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
