using Dqn.Media;

namespace Dqn.Fuzz;

/// <summary>PNG, with wrong checksums and with right ones.</summary>
internal static class Pictures
{
    public static IEnumerable<Target> All()
    {
        byte[] picture = Picture(24, 17), small = Picture(5, 3);
        yield return new Target("png", picture, Mutations.MutateFurther, Read, Every: 16);
        yield return new Target(
            "png, checksums right", picture,
            (file, random) => Archives.WithChecksums(Mutations.MutateFurther(file, random)), Read, Every: 16);
        yield return new Target("small png", small, Mutations.MutateFurther, Read, Every: 4);
        yield return new Target(
            "small png, checksums right", small,
            (file, random) => Archives.WithChecksums(Mutations.MutateFurther(file, random)), Read);
    }

    private static void Read(byte[] file) => PngImage.Read(new MemoryStream(file));

    private static byte[] Picture(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i * i / 7);
        using var stream = new MemoryStream();
        PngEncoder.Write(stream, pixels, width, height, PixelFormat.Rgb);
        return stream.ToArray();
    }
}
