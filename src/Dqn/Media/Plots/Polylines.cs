namespace Dqn.Media;

/// <summary>
/// What a series looks like on a canvas: its points as lines without gaps, as few as the eye can tell.
/// </summary>
internal static class Polylines
{
    /// <summary>Cuts the indices 0 … count − 1 into runs of drawable points.</summary>
    public static IEnumerable<(int Start, int End)> Runs(int count, Func<int, bool> isDrawable)
    {
        int start = -1;
        for (int i = 0; i <= count; i++)
        {
            bool drawable = i < count && isDrawable(i);
            if (drawable && start < 0)
                start = i;
            if (drawable || start < 0)
                continue;
            yield return (start, i);
            start = -1;
        }
    }

    /// <summary>
    /// Leaves out points that no pixel shows: of the consecutive points in one column of the given width only the
    /// first, lowest, highest and last remain (Jugel et al., "M4: A Visualization-Oriented Time Series Data
    /// Aggregation", 2014).
    /// </summary>
    public static List<PlotPoint> Thin(IReadOnlyList<PlotPoint> points, double columnWidth)
    {
        var thinned = new List<PlotPoint>();
        for (int i = 0; i < points.Count;)
        {
            double column = Math.Floor(points[i].X / columnWidth);
            int end = i, lowest = i, highest = i;
            for (; end < points.Count && Math.Floor(points[end].X / columnWidth) == column; end++)
            {
                if (points[end].Y < points[lowest].Y)
                    lowest = end;
                if (points[end].Y > points[highest].Y)
                    highest = end;
            }

            int previous = -1;
            foreach (int kept in (ReadOnlySpan<int>)
                     [i, Math.Min(lowest, highest), Math.Max(lowest, highest), end - 1])
                if (kept > previous)
                    thinned.Add(points[previous = kept]);
            i = end;
        }

        return thinned;
    }
}
