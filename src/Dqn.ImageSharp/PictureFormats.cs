using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;

namespace Dqn.Media;

/// <summary>
/// The only formats of SixLabors.ImageSharp that Dqn reaches. Its default configuration would also decode TIFF, and keep
/// the ICC profile and other metadata of every file.
/// </summary>
internal static class PictureFormats
{
    /// <summary>PNG, JPEG, BMP, WebP and GIF: of each file its pixels alone, of an animated GIF its first frame.</summary>
    public static Configuration Configuration { get; } = Create();

    private static Configuration Create()
    {
        var configuration = new Configuration(
            new PngConfigurationModule(), new JpegConfigurationModule(), new BmpConfigurationModule(),
            new WebpConfigurationModule(), new GifConfigurationModule());
        var formats = configuration.ImageFormatsManager;
        formats.SetDecoder(PngFormat.Instance, new PngDecoder { IgnoreMetadata = true });
        formats.SetDecoder(JpegFormat.Instance, new JpegDecoder { IgnoreMetadata = true });
        formats.SetDecoder(WebpFormat.Instance, new WebpDecoder { IgnoreMetadata = true });
        formats.SetDecoder(GifFormat.Instance, new GifDecoder { IgnoreMetadata = true, MaxFrames = 1 });
        return configuration;
    }
}
