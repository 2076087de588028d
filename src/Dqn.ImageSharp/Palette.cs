using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Advanced;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing.Processors.Quantization;

namespace Dqn.Media;

/// <summary>
/// The colours of a GIF: a picture's own where they are 256 at most, else 256 chosen for it by Wu's method. Each pixel
/// gets the nearest of them exactly and without dithering, which would shimmer in a film; ImageSharp's own quantizers
/// look colours up by their upper five bits and so take near ones for one.
/// </summary>
internal sealed class Palette : IQuantizer
{
    private const int MaximumColors = 256;

    private static readonly QuantizerOptions Plain = new() { Dither = null, MaxColors = MaximumColors };

    private readonly Rgba32[] _colors;
    private readonly Dictionary<Rgba32, byte> _indices;

    private Palette(Rgba32[] colors, Dictionary<Rgba32, byte> indices) => (_colors, _indices) = (colors, indices);

    public QuantizerOptions Options => Plain;

    /// <summary>The palette for one picture, and for no other.</summary>
    public static Palette For(Image<Rgba32> picture)
    {
        var distinct = new HashSet<Rgba32>();
        for (int y = 0; y < picture.Height; y++)
        {
            Span<Rgba32> row = picture.DangerousGetPixelRowMemory(y).Span;
            for (int x = 0; x < row.Length; x++)
            {
                if (x == 0 || row[x] != row[x - 1])
                    distinct.Add(row[x]);
            }
        }

        Rgba32[] colors = distinct.Count <= MaximumColors ? [.. distinct] : Chosen(picture);
        var indices = new Dictionary<Rgba32, byte>(distinct.Count);
        foreach (Rgba32 color in distinct)
            indices.Add(color, Nearest(colors, color));
        return new Palette(colors, indices);
    }

    public IQuantizer<TPixel> CreatePixelSpecificQuantizer<TPixel>(Configuration configuration)
        where TPixel : unmanaged, IPixel<TPixel> => new Matcher<TPixel>(this, configuration);

    public IQuantizer<TPixel> CreatePixelSpecificQuantizer<TPixel>(Configuration configuration, QuantizerOptions options)
        where TPixel : unmanaged, IPixel<TPixel> => new Matcher<TPixel>(this, configuration);

    private static Rgba32[] Chosen(Image<Rgba32> picture)
    {
        ImageFrame<Rgba32> frame = picture.Frames.RootFrame;
        using IQuantizer<Rgba32> quantizer =
            new WuQuantizer(Plain).CreatePixelSpecificQuantizer<Rgba32>(picture.GetConfiguration());
        using IndexedImageFrame<Rgba32> quantized = quantizer.BuildPaletteAndQuantizeFrame(frame, frame.Bounds());
        return quantized.Palette.ToArray();
    }

    private static byte Nearest(Rgba32[] colors, Rgba32 color)
    {
        int nearest = 0, least = int.MaxValue;
        for (int i = 0; i < colors.Length && least > 0; i++)
        {
            int r = colors[i].R - color.R, g = colors[i].G - color.G;
            int b = colors[i].B - color.B, a = colors[i].A - color.A;
            int distance = r * r + g * g + b * b + a * a;
            if (distance < least)
                (nearest, least) = (i, distance);
        }

        return (byte)nearest;
    }

    // A structure, because the library's loop over the pixels asks for one.
    private struct Matcher<TPixel>(Palette palette, Configuration configuration) : IQuantizer<TPixel>
        where TPixel : unmanaged, IPixel<TPixel>
    {
        private readonly TPixel[] _colors = [.. palette._colors.Select(ToPixel)];

        public readonly Configuration Configuration => configuration;

        public readonly QuantizerOptions Options => Plain;

        public readonly ReadOnlyMemory<TPixel> Palette => _colors;

        public readonly void AddPaletteColors(SixLabors.ImageSharp.Memory.Buffer2DRegion<TPixel> pixelRegion)
        {
            // They are there already.
        }

        public readonly IndexedImageFrame<TPixel> QuantizeFrame(ImageFrame<TPixel> source, Rectangle bounds)
        {
            Matcher<TPixel> matcher = this;
            return QuantizerUtilities.QuantizeFrame(ref matcher, source, bounds);
        }

        public readonly byte GetQuantizedColor(TPixel color, out TPixel match)
        {
            Rgba32 rgba = default;
            color.ToRgba32(ref rgba);
            byte index = palette._indices[rgba];
            match = _colors[index];
            return index;
        }

        public readonly void Dispose()
        {
            // Nothing is held.
        }

        private static TPixel ToPixel(Rgba32 color)
        {
            TPixel pixel = default;
            pixel.FromRgba32(color);
            return pixel;
        }
    }
}
