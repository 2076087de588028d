using Dqn.Agents;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// An <see cref="Augmentation"/> by index: each pixel is fetched from where it was, so that mirroring and shifting are
/// one gather. Rows and columns are worked out on the processor, which is quicker than launching their arithmetic.
/// </summary>
internal static class TorchAugmentation
{
    /// <summary>Writes where each row and each column of the augmented observations comes from.</summary>
    /// <param name="augmentation">What was drawn.</param>
    /// <param name="batch">How many transitions.</param>
    /// <param name="rows">Destination, [2, batch, height]: the number of the row's first pixel.</param>
    /// <param name="columns">Destination, [2, batch, width].</param>
    public static void Write(Augmentation augmentation, int batch, Span<long> rows, Span<long> columns)
    {
        int height = augmentation.Height, width = augmentation.Width;
        for (int i = 0; i < 2 * batch; i++)
        {
            int item = i % batch;
            ReadOnlySpan<int> shifts = i < batch ? augmentation.Shifts : augmentation.NextShifts;
            bool mirrored = !augmentation.Mirrored.IsEmpty && augmentation.Mirrored[item];
            (int down, int right) = shifts.IsEmpty ? (0, 0) : (shifts[2 * item], shifts[2 * item + 1]);
            for (int y = 0; y < height; y++)
                rows[i * height + y] = (long)Math.Clamp(y + down, 0, height - 1) * width;
            for (int x = 0; x < width; x++)
            {
                int from = Math.Clamp(x + right, 0, width - 1);
                columns[i * width + x] = mirrored ? width - 1 - from : from;
            }
        }
    }

    /// <summary>The augmented observations, shaped as the observations.</summary>
    /// <param name="observations">[items, frames, height · width].</param>
    /// <param name="rows">[items, height].</param>
    /// <param name="columns">[items, width].</param>
    public static Tensor Apply(Tensor observations, Tensor rows, Tensor columns)
    {
        Tensor pixels = (rows.unsqueeze(2) + columns.unsqueeze(1)).flatten(1);
        return observations.gather(2, pixels.unsqueeze(1).expand(-1, observations.shape[1], -1));
    }
}
