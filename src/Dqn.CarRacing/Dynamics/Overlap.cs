using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dqn.CarRacing;

/// <summary>
/// Whether two polygons with their skins overlap: <c>b2TestOverlap</c>, which walks with the
/// Gilbert–Johnson–Keerthi algorithm to the points where they are closest.
/// </summary>
internal static class Overlap
{
    private const int MaximumIterations = 20;
    private const float Epsilon = 1.1920929e-7f;

    /// <summary>Tests a tile against a part of the car.</summary>
    /// <param name="tile">The tile's corners in the world's frame, which is also the tile's own.</param>
    /// <param name="part">The part's corners in its body's frame.</param>
    /// <param name="placed">The part's corners in the world's frame.</param>
    /// <param name="sine">Sine of the body's angle.</param>
    /// <param name="cosine">Cosine of the body's angle.</param>
    public static bool Test(
        ReadOnlySpan<Vector2> tile, ReadOnlySpan<Vector2> part, ReadOnlySpan<Vector2> placed,
        float sine, float cosine) =>
        Touches(Distance(tile, part, placed, sine, cosine));

    /// <summary>What Box2D makes of the distance between the cores: less the skins, then against a tolerance.</summary>
    private static bool Touches(float distance)
    {
        const float Skins = ConvexPolygon.Radius + ConvexPolygon.Radius;
        if (!(distance > Skins && distance > Epsilon))
            return true;
        return distance - Skins < 10.0f * Epsilon;
    }

    private struct Vertex
    {
        public float AX, AY, BX, BY; // the polygons' points
        public float X, Y; // the difference, B − A
        public float Weight;
        public int Indices; // which corner of A and which of B
    }

    /// <summary><c>b2Distance</c> without skins and without a remembered simplex.</summary>
    private static float Distance(
        ReadOnlySpan<Vector2> a, ReadOnlySpan<Vector2> b, ReadOnlySpan<Vector2> placed, float sine, float cosine)
    {
        Vertex v1 = Pair(a, 0, placed, 0);
        v1.Weight = 1.0f;
        Vertex v2 = default, v3 = default;
        int count = 1;
        for (int iteration = 0; iteration < MaximumIterations; iteration++)
        {
            // The simplex before it is reduced: meeting one of its vertices again ends the walk.
            int saved = count;
            int pair1 = v1.Indices, pair2 = v2.Indices, pair3 = v3.Indices;

            if (count == 2)
                count = Solve2(ref v1, ref v2);
            else if (count == 3)
                count = Solve3(ref v1, ref v2, ref v3);
            if (count == 3)
                return 0;

            float directionX, directionY;
            if (count == 1)
            {
                directionX = -v1.X;
                directionY = -v1.Y;
            }
            else
            {
                float edgeX = v2.X - v1.X, edgeY = v2.Y - v1.Y;
                if (edgeX * -v1.Y - edgeY * -v1.X > 0)
                {
                    directionX = -1.0f * edgeY;
                    directionY = 1.0f * edgeX;
                }
                else
                {
                    directionX = 1.0f * edgeY;
                    directionY = -1.0f * edgeX;
                }
            }

            if (directionX * directionX + directionY * directionY < Epsilon * Epsilon)
                break;

            int indexA = Farthest(a, -directionX, -directionY);
            int indexB = Farthest(
                b, cosine * directionX + sine * directionY, -sine * directionX + cosine * directionY);
            var vertex = Pair(a, indexA, placed, indexB);
            int pair = vertex.Indices;
            bool met = pair == pair1 || (saved > 1 && pair == pair2) || (saved > 2 && pair == pair3);
            if (count == 1)
                v2 = vertex;
            else
                v3 = vertex;
            if (met)
                break;
            count++;
        }

        float nearestAX, nearestAY, nearestBX, nearestBY;
        switch (count)
        {
            case 1:
                (nearestAX, nearestAY, nearestBX, nearestBY) = (v1.AX, v1.AY, v1.BX, v1.BY);
                break;
            case 2:
                nearestAX = v1.Weight * v1.AX + v2.Weight * v2.AX;
                nearestAY = v1.Weight * v1.AY + v2.Weight * v2.AY;
                nearestBX = v1.Weight * v1.BX + v2.Weight * v2.BX;
                nearestBY = v1.Weight * v1.BY + v2.Weight * v2.BY;
                break;
            default:
                // Out of iterations with a third vertex just added: Box2D takes the triangle's points as one.
                return 0;
        }

        float gapX = nearestAX - nearestBX, gapY = nearestAY - nearestBY;
        return MathF.Sqrt(gapX * gapX + gapY * gapY);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vertex Pair(ReadOnlySpan<Vector2> a, int indexA, ReadOnlySpan<Vector2> b, int indexB)
    {
        Vertex vertex = default;
        (vertex.AX, vertex.AY) = (a[indexA].X, a[indexA].Y);
        (vertex.BX, vertex.BY) = (b[indexB].X, b[indexB].Y);
        vertex.X = vertex.BX - vertex.AX;
        vertex.Y = vertex.BY - vertex.AY;
        vertex.Indices = indexA << 8 | indexB;
        return vertex;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Farthest(ReadOnlySpan<Vector2> vertices, float directionX, float directionY)
    {
        int best = 0;
        float bestValue = vertices[0].X * directionX + vertices[0].Y * directionY;
        for (int i = 1; i < vertices.Length; i++)
        {
            float value = vertices[i].X * directionX + vertices[i].Y * directionY;
            if (value > bestValue)
            {
                best = i;
                bestValue = value;
            }
        }

        return best;
    }

    // Keeps of a segment what is closest to the origin; returns how many vertices that takes.
    private static int Solve2(ref Vertex v1, ref Vertex v2)
    {
        float edgeX = v2.X - v1.X, edgeY = v2.Y - v1.Y;
        float weight2 = -(v1.X * edgeX + v1.Y * edgeY);
        if (weight2 <= 0)
            return Keep(ref v1, v1);

        float weight1 = v2.X * edgeX + v2.Y * edgeY;
        if (weight1 <= 0)
            return Keep(ref v1, v2);

        return Weigh(ref v1, weight1, ref v2, weight2);
    }

    // The same of a triangle.
    private static int Solve3(ref Vertex v1, ref Vertex v2, ref Vertex v3)
    {
        float edge12X = v2.X - v1.X, edge12Y = v2.Y - v1.Y;
        float d12At1 = v2.X * edge12X + v2.Y * edge12Y;
        float d12At2 = -(v1.X * edge12X + v1.Y * edge12Y);

        float edge13X = v3.X - v1.X, edge13Y = v3.Y - v1.Y;
        float d13At1 = v3.X * edge13X + v3.Y * edge13Y;
        float d13At2 = -(v1.X * edge13X + v1.Y * edge13Y);

        float edge23X = v3.X - v2.X, edge23Y = v3.Y - v2.Y;
        float d23At1 = v3.X * edge23X + v3.Y * edge23Y;
        float d23At2 = -(v2.X * edge23X + v2.Y * edge23Y);

        float area = edge12X * edge13Y - edge12Y * edge13X;
        float d123At1 = area * (v2.X * v3.Y - v2.Y * v3.X);
        float d123At2 = area * (v3.X * v1.Y - v3.Y * v1.X);
        float d123At3 = area * (v1.X * v2.Y - v1.Y * v2.X);

        if (d12At2 <= 0 && d13At2 <= 0)
            return Keep(ref v1, v1);
        if (d12At1 > 0 && d12At2 > 0 && d123At3 <= 0)
            return Weigh(ref v1, d12At1, ref v2, d12At2);
        if (d13At1 > 0 && d13At2 > 0 && d123At2 <= 0)
        {
            v2 = v3;
            return Weigh(ref v1, d13At1, ref v2, d13At2);
        }

        if (d12At1 <= 0 && d23At2 <= 0)
            return Keep(ref v1, v2);
        if (d13At1 <= 0 && d23At1 <= 0)
            return Keep(ref v1, v3);
        if (d23At1 > 0 && d23At2 > 0 && d123At1 <= 0)
        {
            v1 = v3;
            return Weigh(ref v2, d23At1, ref v1, d23At2);
        }

        return 3;
    }

    private static int Keep(ref Vertex v1, Vertex kept)
    {
        v1 = kept;
        v1.Weight = 1.0f;
        return 1;
    }

    private static int Weigh(ref Vertex v1, float weight1, ref Vertex v2, float weight2)
    {
        float inverse = 1.0f / (weight1 + weight2);
        v1.Weight = weight1 * inverse;
        v2.Weight = weight2 * inverse;
        return 2;
    }
}
