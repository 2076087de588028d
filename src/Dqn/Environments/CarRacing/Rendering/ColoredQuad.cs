namespace Dqn.Environments.CarRacing;

/// <summary>Four corners on the 1000 × 800 surface and the number of a <see cref="CellCanvas"/>'s colour.</summary>
internal readonly record struct ColoredQuad(Point P0, Point P1, Point P2, Point P3, int Color)
{
    /// <summary>Copies the corners into <paramref name="points"/>, [4], and returns it.</summary>
    public ReadOnlySpan<Point> CopyTo(Span<Point> points)
    {
        (points[0], points[1], points[2], points[3]) = (P0, P1, P2, P3);
        return points;
    }
}
