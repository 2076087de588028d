using System.Numerics;

namespace Dqn.CarRacing;

/// <summary>
/// A convex polygon as Box2D 2.3's <c>b2PolygonShape</c> keeps it: single precision, its corners found by gift
/// wrapping, counter-clockwise from the rightmost one. Their order matters to every sum and comparison over them.
/// </summary>
internal sealed class ConvexPolygon
{
    /// <summary>The skin around a polygon, metres: 2 × Box2D's linear slop.</summary>
    public const float Radius = 2.0f * 0.005f;

    private readonly Vector2[] _vertices;

    private ConvexPolygon(Vector2[] vertices) => _vertices = vertices;

    /// <summary>The corners, counter-clockwise.</summary>
    public ReadOnlySpan<Vector2> Vertices => _vertices;

    /// <summary>A polygon from a drawing's corners: each product is taken in double precision, then rounded.</summary>
    public static ConvexPolygon Of(ReadOnlySpan<(double X, double Y)> corners, double scale)
    {
        Span<Vector2> points = stackalloc Vector2[corners.Length];
        for (int i = 0; i < corners.Length; i++)
            points[i] = new Vector2((float)(corners[i].X * scale), (float)(corners[i].Y * scale));
        Span<Vector2> hull = stackalloc Vector2[corners.Length];
        return new ConvexPolygon(hull[..Wrap(points, hull)].ToArray());
    }

    /// <summary>Writes the corners as they stand in the world. <c>b2Mul</c> of a transform and a point.</summary>
    public void Place(float x, float y, float sine, float cosine, Span<Vector2> placed)
    {
        for (int i = 0; i < _vertices.Length; i++)
        {
            var vertex = _vertices[i];
            placed[i] = new Vector2(cosine * vertex.X - sine * vertex.Y + x, sine * vertex.X + cosine * vertex.Y + y);
        }
    }

    /// <summary>
    /// Mass, centre of mass and moment of inertia about the frame's origin, as <c>b2PolygonShape::ComputeMass</c> sums
    /// them over triangles around the mean of the corners.
    /// </summary>
    public (float Mass, float CenterX, float CenterY, float Inertia) MassData(float density)
    {
        float meanX = 0, meanY = 0;
        foreach (var vertex in _vertices)
        {
            meanX += vertex.X;
            meanY += vertex.Y;
        }

        float share = 1.0f / _vertices.Length;
        meanX *= share;
        meanY *= share;

        const float Third = 1.0f / 3.0f;
        float area = 0, inertia = 0, centerX = 0, centerY = 0;
        for (int i = 0; i < _vertices.Length; i++)
        {
            var (from, to) = (_vertices[i], _vertices[(i + 1) % _vertices.Length]);
            float x1 = from.X - meanX, y1 = from.Y - meanY;
            float x2 = to.X - meanX, y2 = to.Y - meanY;
            float cross = x1 * y2 - y1 * x2;
            float triangle = 0.5f * cross;
            area += triangle;
            centerX += triangle * Third * (x1 + x2);
            centerY += triangle * Third * (y1 + y2);
            float squareX = x1 * x1 + x2 * x1 + x2 * x2;
            float squareY = y1 * y1 + y2 * y1 + y2 * y2;
            inertia += 0.25f * Third * cross * (squareX + squareY);
        }

        float mass = density * area;
        float inverseArea = 1.0f / area;
        centerX *= inverseArea;
        centerY *= inverseArea;
        float x = centerX + meanX, y = centerY + meanY;
        inertia = density * inertia;
        inertia += mass * (x * x + y * y - (centerX * centerX + centerY * centerY));
        return (mass, x, y, inertia);
    }

    /// <summary>Gift wrapping as in <c>b2PolygonShape::Set</c>. Returns the number of corners of the hull.</summary>
    public static int Wrap(ReadOnlySpan<Vector2> points, Span<Vector2> hull)
    {
        int first = 0;
        for (int i = 1; i < points.Length; i++)
            if (points[i].X > points[first].X || (points[i].X == points[first].X && points[i].Y < points[first].Y))
                first = i;

        int count = 0;
        int corner = first;
        do
        {
            var origin = points[corner];
            hull[count++] = origin;
            int next = 0;
            for (int i = 1; i < points.Length; i++)
            {
                if (next == corner)
                {
                    next = i;
                    continue;
                }

                float rx = points[next].X - origin.X, ry = points[next].Y - origin.Y;
                float vx = points[i].X - origin.X, vy = points[i].Y - origin.Y;
                float cross = rx * vy - ry * vx;
                if (cross < 0 || (cross == 0 && vx * vx + vy * vy > rx * rx + ry * ry))
                    next = i;
            }

            corner = next;
        }
        while (corner != first && count < points.Length);

        return count;
    }
}
