using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace Dqn.Media;

/// <summary>The colours of a GIF.</summary>
internal static class Palette
{
    private const int Colors = 256;

    /// <summary>A picture's own colours where they are 256 at most, else 256 chosen for it.</summary>
    public static IQuantizer For(ReadOnlySpan<Rgba32> pixels)
    {
        // Dithered, a film would shimmer. The default matching is coarse: near colours become one.
        var options = new QuantizerOptions { Dither = null, ColorMatchingMode = ColorMatchingMode.Exact };
        var colors = new HashSet<Rgba32>();
        Rgba32 last = default;
        foreach (Rgba32 pixel in pixels)
        {
            if (pixel == last && colors.Count > 0)
                continue;
            last = pixel;
            if (colors.Add(pixel) && colors.Count > Colors)
                return new WuQuantizer(options);
        }

        return new PaletteQuantizer(colors.Select(color => new Color(color)).ToArray(), options);
    }
}
