using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Fuzz;

/// <summary>
/// Files taken apart and put together again, so that damage comes behind their checksums and lengths, where readers work
/// on content.
/// </summary>
public static class Archives
{
    /// <summary>A PyTorch file with another pickle.</summary>
    public static byte[] WithPickle(byte[] file, Func<byte[], byte[]> change, bool deflated = false)
    {
        var zip = new ZipReader(new ByteSource(new MemoryStream(file)));
        using var stream = new MemoryStream();
        if (deflated)
        {
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (string name in zip.Names)
                {
                    using Stream entry = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
                    entry.Write(Content(name));
                }
            }

            return stream.ToArray();
        }

        var writer = new ZipWriter(stream);
        foreach (string name in zip.Names)
            writer.Add(name, Content(name));
        writer.Finish();
        return stream.ToArray();

        byte[] Content(string name) => name.EndsWith("data.pkl", StringComparison.Ordinal)
            ? change(zip.Read(name))
            : zip.Read(name);
    }

    /// <summary>A safetensors file with another header, its length right.</summary>
    public static byte[] WithHeader(byte[] file, Func<byte[], byte[]> change)
    {
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        byte[] header = change(file[8..(8 + length)]), start = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(start, header.Length);
        return [.. start, .. header, .. file[(8 + length)..]];
    }

    /// <summary>A safetensors file without tensors changed, with another architecture in its metadata.</summary>
    public static byte[] WithArchitecture(byte[] file, Func<byte[], byte[]> change)
    {
        StateDict tensors = SafeTensorsFile.Read(new MemoryStream(file), out IReadOnlyDictionary<string, string> text);
        string architecture = Encoding.Latin1.GetString(change(Encoding.Latin1.GetBytes(text["architecture"])));
        using var stream = new MemoryStream();
        SafeTensorsFile.Write(stream, tensors, new Dictionary<string, string> { ["architecture"] = architecture });
        return stream.ToArray();
    }

    /// <summary>A PNG whose chunks have right checksums again, as far as they still are chunks.</summary>
    public static byte[] WithChecksums(byte[] png)
    {
        byte[] copy = [.. png];
        int at = 8;
        while (at + 12 <= copy.Length)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan(at));
            if (length > copy.Length - at - 12)
                break;
            uint crc = Crc32.Compute(copy.AsSpan(at + 4, 4 + (int)length));
            BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(at + 8 + (int)length), crc);
            at += 12 + (int)length;
        }

        return copy;
    }
}
