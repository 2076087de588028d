namespace Dqn.Serialization;

/// <summary>
/// Random reads from a stream, from where it stood to its end. A read that the length does not cover fails before it
/// allocates, so no number in a damaged file can ask for more memory than the file has bytes.
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
        if (!stream.CanSeek)
        {
            var memory = new MemoryStream();
            stream.CopyTo(memory);
            memory.Position = 0;
            stream = memory;
        }

        (_stream, _origin) = (stream, stream.Position);
        Length = Math.Max(0, stream.Length - _origin);
    }

    /// <summary>How many bytes there are.</summary>
    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/> with the bytes at <paramref name="offset"/>.</summary>
    /// <param name="offset">Where, from the beginning of the source.</param>
    /// <param name="destination">The bytes' place.</param>
    /// <param name="what">What is read, for the message.</param>
    /// <exception cref="InvalidDataException">The source ends before.</exception>
    public void Read(long offset, Span<byte> destination, string what)
    {
        CheckRange(offset, destination.Length, what);
        _stream.Position = _origin + offset;
        if (_stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) != destination.Length)
            throw new InvalidDataException($"The file became shorter while {what} was read.");
    }

    /// <summary>Reads <paramref name="count"/> bytes at <paramref name="offset"/> into a new array.</summary>
    /// <exception cref="InvalidDataException">The source ends before, or an array cannot be as long.</exception>
    public byte[] Read(long offset, long count, string what)
    {
        CheckRange(offset, count, what);
        if (count > Array.MaxLength)
            throw new InvalidDataException($"{what} has {count} bytes, more than one array holds: {Array.MaxLength}.");
        var bytes = new byte[count];
        Read(offset, bytes, what);
        return bytes;
    }

    private void CheckRange(long offset, long count, string what)
    {
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
        {
            throw new InvalidDataException(
                $"{what} should be {count} bytes at offset {offset}, but the file has {Length}: truncated or damaged.");
        }
    }
}
