using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// A file's length in bytes and the XXH64 of its content: computed here, since .NET's SHA-256 needs OpenSSL on Linux.
/// </summary>
internal readonly record struct Checksum(long Length, ulong Hash)
{
    /// <summary>Reads a file to its end.</summary>
    public static Checksum Of(Stream stream)
    {
        var hash = new XxHash64();
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;)
            hash.Append(buffer.AsSpan(0, read));
        return new(hash.Length, hash.Hash);
    }

    /// <summary>Writes length and hash.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Length);
        writer.Write(Hash);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    public static Checksum ReadFrom(BinaryReader reader) => new(reader.ReadInt64(), reader.ReadUInt64());
}
