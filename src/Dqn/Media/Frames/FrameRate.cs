using System.Globalization;

namespace Dqn.Media;

/// <summary>
/// Frames per second as the fraction <paramref name="Frames"/> / <paramref name="Seconds"/>, both 1 … 65,535.
/// </summary>
internal readonly record struct FrameRate(int Frames, int Seconds)
{
    /// <summary>The fraction with the smallest terms that is right to a billionth, or else the closest one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and at most 1000.</exception>
    public static FrameRate From(double framesPerSecond)
    {
        if (!(framesPerSecond is > 0 and <= 1000))
            throw new ArgumentOutOfRangeException(
                nameof(framesPerSecond), framesPerSecond, "Expected frames per second above 0 and at most 1000.");

        var best = new FrameRate(1, ushort.MaxValue);
        double bestError = double.PositiveInfinity;
        for (int seconds = 1; seconds <= ushort.MaxValue; seconds++)
        {
            double frames = Math.Round(framesPerSecond * seconds);
            if (frames > ushort.MaxValue)
                break;
            double error = Math.Abs(frames / seconds - framesPerSecond);
            if (frames < 1 || error >= bestError)
                continue;
            (best, bestError) = (new FrameRate((int)frames, seconds), error);
            if (error <= 1e-9 * framesPerSecond)
                break;
        }

        return best;
    }

    /// <summary>As ffmpeg reads it: "25/2".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Frames}/{Seconds}");
}
