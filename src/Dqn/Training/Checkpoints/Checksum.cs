using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Dqn.Training;

/// <summary>A file's length in bytes and the SHA-256 of its content.</summary>
internal readonly record struct Checksum(long Length, UInt128 High, UInt128 Low)
{
    /// <summary>How many bytes <see cref="WriteTo"/> writes.</summary>
    public const int StoredBytes = sizeof(long) + SHA256.HashSizeInBytes;

    /// <summary>Takes the hash from its bytes.</summary>
    public static Checksum From(long length, ReadOnlySpan<byte> sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, SHA256.HashSizeInBytes);
        return new(length, BigEndian(sha256[..16]), BigEndian(sha256[16..]));
    }

    /// <summary>Reads a file to its end.</summary>
    public static Checksum Of(Stream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        long length = 0;
        for (int read; (read = stream.Read(buffer)) > 0; length += read)
            hash.AppendData(buffer, 0, read);
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(sha256);
        return From(length, sha256);
    }

    /// <summary>Writes length and hash.</summary>
    public void WriteTo(BinaryWriter writer)
    {
        writer.Write(Length);
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(sha256, High);
        BinaryPrimitives.WriteUInt128BigEndian(sha256[16..], Low);
        writer.Write(sha256);
    }

    /// <summary>Reads what <see cref="WriteTo"/> wrote.</summary>
    public static Checksum ReadFrom(BinaryReader reader)
    {
        long length = reader.ReadInt64();
        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        reader.BaseStream.ReadExactly(sha256);
        return From(length, sha256);
    }

    private static UInt128 BigEndian(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt128BigEndian(bytes);
}
