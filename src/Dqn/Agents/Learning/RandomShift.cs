using Dqn.Randomness;

namespace Dqn.Agents;

/// <summary>
/// Data augmentation: each observation is moved by a few pixels, what comes in at an edge repeats the edge's pixels.
/// Source: D. Yarats, I. Kostrikov, R. Fergus, "Image augmentation is all you need: regularizing deep reinforcement
/// learning from pixels" (2021), which pads by replication and crops at random.
/// </summary>
public static class RandomShift
{
    /// <summary>
    /// Shifts each stack, all its frames alike, by −<paramref name="padding"/> … <paramref name="padding"/> rows and as
    /// many columns. Draws per stack <c>random.Integer(2 · padding + 1)</c> for the rows, then one for the columns.
    /// </summary>
    /// <param name="source">[batch, frames, height, width], bytes; as many stacks as there are.</param>
    /// <param name="frames">How many frames a stack has, at least 1.</param>
    /// <param name="height">Rows of a frame, at least 1.</param>
    /// <param name="width">Columns of a frame, at least 1.</param>
    /// <param name="padding">The largest shift, pixels, 0 … less than height and width; the paper's is 4.</param>
    /// <param name="random">What is drawn from.</param>
    /// <param name="destination">As long as the source; may be the source itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size or the padding is out of range.</exception>
    /// <exception cref="ArgumentException">
    /// The source is not a whole number of stacks, or the destination has another length or overlaps it in part.
    /// </exception>
    public static void Apply(
        ReadOnlySpan<byte> source, int frames, int height, int width, int padding, Pcg64 random, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(random);
        int frameBytes = FrameBytes(frames, height, width, padding);
        if (source.Length % ((long)frames * frameBytes) != 0)
        {
            throw new ArgumentException(
                $"Expected stacks of {frames} × {height} × {width} bytes, got {source.Length} bytes.", nameof(source));
        }

        if (destination.Length != source.Length)
        {
            throw new ArgumentException(
                $"Expected a destination of {source.Length} bytes, got {destination.Length}.", nameof(destination));
        }

        if (source.Overlaps(destination, out int offset) && offset != 0)
        {
            throw new ArgumentException(
                "Expected the source itself or other memory, got a part of the source.", nameof(destination));
        }

        Span<int> shift = stackalloc int[2];
        int stackBytes = frames * frameBytes;
        for (int at = 0; at < source.Length; at += stackBytes)
        {
            Draw(random, padding, shift);
            Stack(source.Slice(at, stackBytes), height, width, shift, destination.Slice(at, stackBytes));
        }
    }

    /// <summary>Draws for each stack its rows, then its columns.</summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="padding">The largest shift, pixels.</param>
    /// <param name="shifts">Destination, [stacks, 2].</param>
    internal static void Draw(Pcg64 random, int padding, Span<int> shifts)
    {
        foreach (ref int shift in shifts)
            shift = random.Integer(2 * padding + 1) - padding;
    }

    /// <summary>Shifts all frames of a stack alike; the destination may be the source itself.</summary>
    /// <param name="source">[frames, height, width].</param>
    /// <param name="height">Rows of a frame.</param>
    /// <param name="width">Columns of a frame.</param>
    /// <param name="shift">Rows, columns.</param>
    /// <param name="destination">As long as the source.</param>
    internal static void Stack(
        ReadOnlySpan<byte> source, int height, int width, ReadOnlySpan<int> shift, Span<byte> destination)
    {
        int frameBytes = height * width;
        for (int at = 0; at < source.Length; at += frameBytes)
            Shift(source.Slice(at, frameBytes), height, width, shift[0], shift[1], destination.Slice(at, frameBytes));
    }

    /// <summary>
    /// destination[y, x] = source[y + <paramref name="rows"/>, x + <paramref name="columns"/>], the nearest pixel where
    /// there is none.
    /// </summary>
    private static void Shift(
        ReadOnlySpan<byte> source, int height, int width, int rows, int columns, Span<byte> destination)
    {
        // The whole frame moves at once, as if its rows were one line. Pixels that pass from one row's end into the next
        // one, and places that nothing moves to, are those that the edges cover next: with pixels that have already been
        // moved, so that the source may be gone.
        int by = rows * width + columns;
        if (by >= 0)
            source[by..].CopyTo(destination);
        else
            source[..^-by].CopyTo(destination[-by..]);

        int first = Math.Max(0, -rows), end = height - Math.Max(0, rows);
        if (columns > 0)
        {
            for (int row = first; row < end; row++)
            {
                Span<byte> line = destination.Slice(row * width, width);
                line[^columns..].Fill(line[^(columns + 1)]);
            }
        }
        else if (columns < 0)
        {
            for (int row = first; row < end; row++)
            {
                Span<byte> line = destination.Slice(row * width, width);
                line[..-columns].Fill(line[-columns]);
            }
        }

        for (int row = 0; row < first; row++)
            destination.Slice(first * width, width).CopyTo(destination[(row * width)..]);
        for (int row = end; row < height; row++)
            destination.Slice((end - 1) * width, width).CopyTo(destination[(row * width)..]);
    }

    private static int FrameBytes(int frames, int height, int width, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(padding, Math.Min(height, width));
        return checked(height * width);
    }
}
