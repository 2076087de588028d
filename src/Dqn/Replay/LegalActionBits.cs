namespace Dqn.Replay;

/// <summary>Masks of legal actions as they are stored: a bit for each action, the first action's lowest.</summary>
internal static class LegalActionBits
{
    /// <summary>How many bytes a mask takes.</summary>
    public static int Bytes(int actions) => (actions + 7) / 8;

    /// <summary>Whether a mask has an action, one below 8 · its bytes.</summary>
    public static bool Contains(ReadOnlySpan<byte> bits, int action) => (bits[action >> 3] >> (action & 7) & 1) != 0;

    /// <summary>Packs a mask; an empty one says that no action is legal.</summary>
    /// <param name="legalActions">[actions], or empty.</param>
    /// <param name="bits">Destination, [<see cref="Bytes"/>].</param>
    public static void Pack(ReadOnlySpan<bool> legalActions, Span<byte> bits)
    {
        bits.Clear();
        for (int action = 0; action < legalActions.Length; action++)
            if (legalActions[action])
                bits[action >> 3] |= (byte)(1 << (action & 7));
    }

    /// <summary>Unpacks a mask.</summary>
    /// <param name="bits">[<see cref="Bytes"/>].</param>
    /// <param name="legalActions">Destination, [actions].</param>
    public static void Unpack(ReadOnlySpan<byte> bits, Span<bool> legalActions)
    {
        for (int action = 0; action < legalActions.Length; action++)
            legalActions[action] = Contains(bits, action);
    }
}
