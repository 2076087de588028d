namespace Dqn.Faults;

/// <summary>Compares arrays by their content.</summary>
internal sealed class Bytes : IEqualityComparer<byte[]>
{
    public static readonly Bytes Comparer = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => obj.Length;
}
