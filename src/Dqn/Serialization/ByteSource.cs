using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// Random reads from a stream, from where it stood to its end, and the budget of what that may make us allocate. A read
/// that the length does not cover fails before it allocates.
/// </summary>
internal sealed class ByteSource
{
    private readonly Stream _stream;
    private readonly long _origin;

    /// <summary>Takes the stream's rest; a stream that cannot seek is copied into memory.</summary>
    public ByteSource(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead)
            throw new ArgumentException("Expected a stream that can be read.", nameof(stream));
        bool copies = !stream.CanSeek;
        if (copies)
        {
            var memory = new MemoryStream();
            stream.CopyTo(memory);
            memory.Position = 0;
            stream = memory;
        }

        (_stream, _origin) = (stream, stream.Position);
        Length = Math.Max(0, stream.Length - _origin);
        Budget = new MemoryBudget(Length);
        if (copies)
            Budget.Take(4 * Length, "A copy of what cannot be read twice"); // It grew by doubling.
    }

    /// <summary>How many bytes there are.</summary>
    public long Length { get; }

    /// <summary>What is left of the memory that the file may take.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Fills <paramref name="destination"/> with the bytes at <paramref name="offset"/>.</summary>
    /// <param name="offset">Where, from the beginning of the source.</param>
    /// <param name="destination">The bytes' place.</param>
    /// <param name="what">What is read, for the message.</param>
    /// <param name="name">Its name in the file, if it has one.</param>
    /// <exception cref="InvalidDataException">The source ends before.</exception>
    public void Read(long offset, Span<byte> destination, string what, string? name = null)
    {
        CheckRange(offset, destination.Length, what, name);
        _stream.Position = _origin + offset;
        if (_stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) != destination.Length)
            throw new InvalidDataException($"The file became shorter while {FileText.Named(what, name)} was read.");
    }

    /// <summary>Reads <paramref name="count"/> bytes at <paramref name="offset"/> into a new array.</summary>
    /// <exception cref="InvalidDataException">The source ends before, or the budget does not suffice.</exception>
    public byte[] Read(long offset, long count, string what, string? name = null)
    {
        CheckRange(offset, count, what, name);
        if (count == 0)
            return [];
        var bytes = new byte[Budget.TakeArray(count, what, name)];
        Read(offset, bytes, what, name);
        return bytes;
    }

    private void CheckRange(long offset, long count, string what, string? name)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
        {
            throw new InvalidDataException(
                $"{FileText.Named(what, name)} should be {count} bytes at offset {offset}, but the file has {Length}: " +
                "truncated or damaged.");
        }
    }
}
