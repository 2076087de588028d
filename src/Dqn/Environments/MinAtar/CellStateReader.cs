namespace Dqn.Environments;

/// <summary>Reads a game's saved numbers and refuses those that no game has.</summary>
internal static class CellStateReader
{
    /// <summary>A number that was written as an <see cref="int"/>.</summary>
    /// <exception cref="InvalidDataException">It is not in low … high.</exception>
    public static int ReadInteger(this BinaryReader reader, int low, int high, string what)
    {
        int value = reader.ReadInt32();
        return value >= low && value <= high
            ? value
            : throw new InvalidDataException($"MinAtar state: expected {what} of {low} … {high}, got {value}.");
    }

    /// <summary>−1 for left or up, 1 for right or down.</summary>
    /// <exception cref="InvalidDataException">It is another number.</exception>
    public static int ReadDirection(this BinaryReader reader) => reader.ReadInteger(-1, 1, "a direction") switch
    {
        0 => throw new InvalidDataException("MinAtar state: expected a direction of −1 or 1, got 0."),
        int direction => direction,
    };
}
