using Dqn.Files;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Pbm;
using SixLabors.ImageSharp.Formats.Tga;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.PixelFormats;

namespace Dqn.Media;

/// <summary>
/// Still pictures in every format that SixLabors.ImageSharp writes: WebP, JPEG, GIF, BMP, TIFF, TGA, QOI, PBM, PNG. For a
/// plot: <c>ImageFile.Save(plot.ToImage(), "curve.webp")</c>. Without loss but for JPEG (fine enough for thin lines) and GIF
/// (at most 256 colours); JPEG, TIFF and PBM hold no opacity.
/// </summary>
public static class ImageFile
{
    /// <summary>Writes a picture in the format that the file's name asks for: whole, or not at all.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="path">The file, replaced when it exists.</param>
    /// <exception cref="ArgumentException">No format has that extension.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Save(PngImage image, string path)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Rgba32[] pixels = ToRgba(image);
        IImageEncoder encoder = Encoder(path, pixels);
        using var picture = Image.WrapMemory<Rgba32>(pixels.AsMemory(), image.Width, image.Height);
        using var file = new ReplacingFile(path, seeks: true);
        picture.Save(file.Stream, encoder);
        file.Commit();
    }

    /// <summary>Reads a picture, of an animation its first frame, as RGBA.</summary>
    /// <param name="path">The file; what it contains, not its name, says which format it is.</param>
    /// <exception cref="InvalidDataException">The file is of no known format, or damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PngImage Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            using var image = Image.Load<Rgba32>(new DecoderOptions { MaxFrames = 1 }, stream);
            var pixels = new byte[4 * image.Width * image.Height];
            image.CopyPixelDataTo(pixels);
            return new PngImage(image.Width, image.Height, PixelFormat.Rgba, pixels);
        }
        catch (ImageFormatException e)
        {
            throw new InvalidDataException($"Cannot read '{path}' as a picture: {e.Message}", e);
        }
    }

    private static IImageEncoder Encoder(string path, ReadOnlySpan<Rgba32> pixels)
    {
        string extension = Path.GetExtension(path);
        ImageFormatManager formats = Configuration.Default.ImageFormatsManager;
        if (extension.Length > 1 && formats.TryFindFormatByFileExtension(extension, out IImageFormat? format))
        {
            // What the defaults would lose: WebP's are lossy, PBM's grey, others' drop the opacity.
            bool clear = false;
            foreach (Rgba32 pixel in pixels)
                clear |= pixel.A != byte.MaxValue;
            return format switch
            {
                WebpFormat => new WebpEncoder { FileFormat = WebpFileFormatType.Lossless },
                JpegFormat => new JpegEncoder { Quality = 92, ColorType = JpegEncodingColor.YCbCrRatio444 },
                GifFormat => new GifEncoder { Quantizer = Palette.For(pixels) },
                PbmFormat => new PbmEncoder { ColorType = PbmColorType.Rgb },
                BmpFormat when clear =>
                    new BmpEncoder { BitsPerPixel = BmpBitsPerPixel.Pixel32, SupportTransparency = true },
                TgaFormat when clear => new TgaEncoder { BitsPerPixel = TgaBitsPerPixel.Pixel32 },
                _ => formats.GetEncoder(format),
            };
        }

        IEnumerable<string> known = formats.ImageFormats.SelectMany(known => known.FileExtensions).Order();
        throw new ArgumentException(
            $"Cannot write a picture named '{path}': expected one of the extensions .{string.Join(", .", known)}.",
            nameof(path));
    }

    // RGBA for all: one path that is known to be right for every encoder.
    private static Rgba32[] ToRgba(PngImage picture)
    {
        var pixels = new Rgba32[picture.Width * picture.Height];
        ReadOnlySpan<byte> bytes = picture.Pixels;
        for (int i = 0; i < pixels.Length; i++)
        {
            ReadOnlySpan<byte> pixel = bytes.Slice(i * (int)picture.Format, (int)picture.Format);
            pixels[i] = picture.Format switch
            {
                PixelFormat.Grey => new Rgba32(pixel[0], pixel[0], pixel[0]),
                PixelFormat.Rgb => new Rgba32(pixel[0], pixel[1], pixel[2]),
                _ => new Rgba32(pixel[0], pixel[1], pixel[2], pixel[3]),
            };
        }

        return pixels;
    }
}
