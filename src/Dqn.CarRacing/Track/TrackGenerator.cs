using Dqn.Randomness;

namespace Dqn.CarRacing;

/// <summary>
/// Gymnasium 1.4.0's track generator: twelve random checkpoints on a wide circle, and a point that drives from one to
/// the next with a limited turning rate for five laps; the last whole lap becomes the track. The order of operations is
/// the reference's throughout, so that every double comes out equal.
/// </summary>
internal static class TrackGenerator
{
    /// <summary>Where the driving point gives up.</summary>
    public const int MaximumPoints = 2500;

    /// <summary>The most that the direction changes from one point to the next, radians.</summary>
    public const double MaximumTurn = 0.31;

    private const int Checkpoints = 12;
    private const double Scale = 6.0;
    private const double Radius = 900 / Scale;

    // Distance between points, metres.
    private const double Stride = 21 / Scale;

    private const double StartAlpha = 2 * Math.PI * (-0.5) / Checkpoints;

    /// <summary>One attempt; it draws 24 numbers whether it succeeds or not.</summary>
    /// <param name="random">Where the checkpoints come from.</param>
    /// <param name="buffer">[<see cref="MaximumPoints"/>], overwritten.</param>
    /// <param name="loop">The track's points, a part of the buffer.</param>
    public static bool TryGenerate(Pcg64 random, Span<TrackPoint> buffer, out ReadOnlySpan<TrackPoint> loop)
    {
        Span<(double Alpha, double X, double Y)> checkpoints = stackalloc (double, double, double)[Checkpoints];
        DrawCheckpoints(random, checkpoints);
        return TryCloseLoop(buffer[..Drive(checkpoints, buffer)], out loop);
    }

    private static void DrawCheckpoints(Pcg64 random, Span<(double Alpha, double X, double Y)> checkpoints)
    {
        for (int c = 0; c < Checkpoints; c++)
        {
            double noise = random.Uniform(0, 2 * Math.PI * 1 / Checkpoints);
            double alpha = 2 * Math.PI * c / Checkpoints + noise;
            double radius = random.Uniform(Radius / 3, Radius);

            // The two beside the start are fixed; their draws are spent all the same.
            if (c == 0)
                (alpha, radius) = (0, 1.5 * Radius);
            if (c == Checkpoints - 1)
                (alpha, radius) = (2 * Math.PI * c / Checkpoints, 1.5 * Radius);
            checkpoints[c] = (alpha, radius * DoubleSine.Cosine(alpha), radius * DoubleSine.Sine(alpha));
        }
    }

    private static int Drive(ReadOnlySpan<(double Alpha, double X, double Y)> checkpoints, Span<TrackPoint> points)
    {
        double x = 1.5 * Radius, y = 0, beta = 0;
        int destination = 0, laps = 0, count = 0;
        bool visitedOtherSide = false;
        while (true)
        {
            // The C library's: its last bit, which differs from one to another, shows in Alpha and decides nothing else.
            double alpha = Math.Atan2(y, x);
            if (visitedOtherSide && alpha > 0)
            {
                laps++;
                visitedOtherSide = false;
            }

            if (alpha < 0)
            {
                visitedOtherSide = true;
                alpha += 2 * Math.PI;
            }

            // The next checkpoint ahead; past the last one the search goes on from the first, a turn lower.
            while (alpha > checkpoints[destination].Alpha)
            {
                destination++;
                if (destination == Checkpoints)
                {
                    destination = 0;
                    alpha -= 2 * Math.PI;
                }
            }

            double cosine = DoubleSine.Cosine(beta), sine = DoubleSine.Sine(beta);
            double aheadX = checkpoints[destination].X - x, aheadY = checkpoints[destination].Y - y;
            double sideways = cosine * aheadX + sine * aheadY;
            while (beta - alpha > 1.5 * Math.PI)
                beta -= 2 * Math.PI;
            while (beta - alpha < -1.5 * Math.PI)
                beta += 2 * Math.PI;
            double previousBeta = beta;
            sideways *= Scale;
            if (sideways > 0.3)
                beta -= Math.Min(MaximumTurn, Math.Abs(0.001 * sideways));
            if (sideways < -0.3)
                beta += Math.Min(MaximumTurn, Math.Abs(0.001 * sideways));
            x += -sine * Stride;
            y += cosine * Stride;
            points[count++] = new TrackPoint(alpha, previousBeta * 0.5 + beta * 0.5, x, y);
            if (laps > 4 || count == MaximumPoints)
                return count;
        }
    }

    private static bool TryCloseLoop(ReadOnlySpan<TrackPoint> points, out ReadOnlySpan<TrackPoint> loop)
    {
        loop = default;
        int last = -1, first = -1;
        for (int i = points.Length - 1; i > 0; i--)
        {
            if (points[i].Alpha <= StartAlpha || points[i - 1].Alpha > StartAlpha)
                continue;
            if (last >= 0)
            {
                first = i;
                break;
            }

            last = i;
        }

        if (first < 0)
            return false;

        loop = points[first..(last - 1)];
        double cosine = DoubleSine.Cosine(loop[0].Beta), sine = DoubleSine.Sine(loop[0].Beta);
        double gapX = cosine * (loop[0].X - loop[^1].X), gapY = sine * (loop[0].Y - loop[^1].Y);
        return Math.Sqrt(gapX * gapX + gapY * gapY) <= Stride;
    }
}
