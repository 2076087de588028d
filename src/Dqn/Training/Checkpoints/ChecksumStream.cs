using Dqn.Files;

namespace Dqn.Training;

/// <summary>Passes what is written on to another stream and sums it up on the way.</summary>
internal sealed class ChecksumStream(Stream target, Action<string>? beforeStep) : Stream
{
    private readonly XxHash64 _hash = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _hash.Length;
        set => throw new NotSupportedException();
    }

    /// <summary>Length and hash of everything written so far.</summary>
    public Checksum Checksum => new(_hash.Length, _hash.Hash);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        beforeStep?.Invoke($"write {buffer.Length} bytes");
        target.Write(buffer);
        _hash.Append(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => target.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
