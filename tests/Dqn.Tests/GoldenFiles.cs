using System.IO.Compression;

namespace Dqn.Tests;

/// <summary>The measured files under Golden/.</summary>
internal static class GoldenFiles
{
    public static string PathOf(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", name);

    public static byte[] ReadBytes(string name)
    {
        using var file = File.OpenRead(PathOf(name));
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            var raw = new byte[file.Length];
            file.ReadExactly(raw);
            return raw;
        }

        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var memory = new MemoryStream();
        gzip.CopyTo(memory);
        return memory.ToArray();
    }

    /// <summary>The rows of a CSV file without its header, each cut into its cells.</summary>
    public static IEnumerable<string[]> ReadCsv(string name)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(name)));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
            if (line.Length > 0)
                yield return line.Split(',');
    }
}
