using System.Buffers.Binary;
using System.Globalization;
using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// What a checkpoint consists of: the file that makes its parts one checkpoint. Layout, little-endian: 8 bytes magic,
/// int32 format, int64 number, int64 step, int32 count of parts; for each part its name (length-prefixed UTF-8), int64
/// version or −1, int64 number of the checkpoint that wrote its file, int64 length, XXH64; at the end the XXH64 of
/// everything before it.
/// </summary>
internal sealed record CheckpointManifest(long Number, long Step, IReadOnlyList<CheckpointManifest.Part> Parts)
{
    private const string Extension = ".manifest";
    private const string Prefix = "checkpoint-";
    private const int Format = 2;
    private const int MaximumBytes = 1 << 26;

    private static ReadOnlySpan<byte> Magic => "DQNCKPT\n"u8;

    /// <summary>A part's file: <c>NAME.NUMBER.part</c>.</summary>
    /// <param name="Name">The part's name.</param>
    /// <param name="Version">Its version; −1 where it is written always.</param>
    /// <param name="WrittenBy">The number of the checkpoint that wrote the file.</param>
    /// <param name="Checksum">What the file must be.</param>
    public sealed record Part(string Name, long Version, long WrittenBy, Checksum Checksum)
    {
        public string FileName => PartFileName(Name, WrittenBy);
    }

    public string FileName => ManifestFileName(Number);

    public static string ManifestFileName(long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D6}{Extension}");

    public static string PartFileName(string name, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}.{number:D6}.part");

    /// <summary>The number in the name of a manifest or part; false for other files.</summary>
    public static bool TryGetNumber(string fileName, out long number, out bool isManifest)
    {
        isManifest = fileName.StartsWith(Prefix, StringComparison.Ordinal)
            && fileName.EndsWith(Extension, StringComparison.Ordinal);
        string[] pieces = fileName.Split('.');
        string digits = isManifest ? fileName[Prefix.Length..^Extension.Length]
            : pieces.Length == 3 && pieces[2] == "part" && CheckpointSection.IsName(pieces[0]) ? pieces[1] : "";
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    public void WriteTo(Stream stream)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(Magic);
        writer.Write(Format);
        writer.Write(Number);
        writer.Write(Step);
        writer.Write(Parts.Count);
        foreach (Part part in Parts)
        {
            writer.Write(part.Name);
            writer.Write(part.Version);
            writer.Write(part.WrittenBy);
            part.Checksum.WriteTo(writer);
        }

        writer.Flush();
        writer.Write(XxHash64.Of(memory.GetBuffer().AsSpan(0, (int)memory.Length)));
        writer.Flush();
        memory.WriteTo(stream);
    }

    /// <summary>Reads a manifest and checks that it is whole.</summary>
    /// <exception cref="InvalidDataException">It is not; the message names the file and what is wrong.</exception>
    public static CheckpointManifest Read(string path)
    {
        byte[] bytes;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            if (file.Length > MaximumBytes)
                throw Damaged($"expected at most {MaximumBytes} bytes, got {file.Length}");
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }

        return Parse(bytes, path);

        InvalidDataException Damaged(string what) => new($"{path}: {what}.");
    }

    /// <summary>As <see cref="Read"/>, of a file's content.</summary>
    public static CheckpointManifest Parse(byte[] bytes, string path)
    {
        int length = bytes.Length - sizeof(ulong);
        if (length < Magic.Length + sizeof(int) || !bytes.AsSpan().StartsWith(Magic))
            throw Damaged("it does not begin as a checkpoint's manifest does");
        int format = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length));
        if (format != Format)
            throw Damaged($"expected format {Format}, got {format}: it is another version's");
        if (XxHash64.Of(bytes.AsSpan(0, length)) != BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length)))
            throw Damaged("its checksum does not fit its content: it is truncated or was altered");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, length));
            reader.BaseStream.Position = Magic.Length + sizeof(int);
            long number = reader.ReadInt64(), step = reader.ReadInt64();
            int count = reader.ReadInt32();
            var parts = new List<Part>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            for (int i = 0; i < count; i++)
            {
                var part = new Part(
                    reader.ReadString(), reader.ReadInt64(), reader.ReadInt64(), Checksum.ReadFrom(reader));
                if (!CheckpointSection.IsName(part.Name) || !names.Add(part.Name))
                    throw Damaged($"part {i} has the impossible name {FileText.Quote(part.Name)}");
                if (part.WrittenBy < 0 || part.Checksum.Length < 0)
                    throw Damaged($"part '{part.Name}' has a negative number or length");
                parts.Add(part);
            }

            if (count < 0 || reader.BaseStream.Position != length)
                throw Damaged($"its {count} parts do not fill it");
            return new CheckpointManifest(number, step, parts);
        }
        catch (Exception exception) when (exception is IOException or FormatException) // of the bytes: no disk is read
        {
            throw Damaged("its list of parts does not fit in it");
        }

        InvalidDataException Damaged(string what) => new($"{path}: {what}.");
    }
}
