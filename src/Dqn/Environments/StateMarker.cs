using System.Text;

namespace Dqn.Environments;

/// <summary>
/// Four letters before each part of a saved state, so that a state of another environment, or of the same wrappers in
/// another order or with other numbers, is refused where it differs.
/// </summary>
internal static class StateMarker
{
    public static void Write(BinaryWriter writer, ReadOnlySpan<byte> marker, long parameter = 0)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(marker);
        writer.Write(parameter);
    }

    /// <exception cref="InvalidDataException">Something else follows.</exception>
    public static void Expect(BinaryReader reader, ReadOnlySpan<byte> marker, long parameter = 0)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Span<byte> found = stackalloc byte[4];
        for (int i = 0; i < found.Length; i++)
            found[i] = reader.ReadByte();
        if (!found.SequenceEqual(marker))
        {
            throw new InvalidDataException(
                $"Environment state: expected the part \"{Encoding.Latin1.GetString(marker)}\", " +
                $"got \"{Encoding.Latin1.GetString(found)}\"; was it saved by an environment with other wrappers?");
        }

        long foundParameter = reader.ReadInt64();
        if (foundParameter != parameter)
        {
            throw new InvalidDataException(
                $"Environment state, part \"{Encoding.Latin1.GetString(marker)}\": expected the setting {parameter}, " +
                $"got {foundParameter}; was it saved by an environment with other options?");
        }
    }
}
