namespace Dqn.CarRacing;

/// <summary>
/// The return as a whole number at the panel's left, white on black. The reference's font is not reproduced: these are
/// 5 × 7 digits, four pixels of the 1000 × 800 picture for each dot.
/// </summary>
internal static class ScoreText
{
    public const uint Color = 0xFFFFFF;

    /// <summary>Columns of the picture that the number may cover: 0 … 145.</summary>
    public const int Width = 145;

    /// <summary>Rows of the picture for each row of a digit.</summary>
    public const int Dot = 4;

    private const int Advance = 6 * Dot, CenterX = 60, CenterY = 750;
    private const int Minus = 10;

    // Seven rows of five dots, the top row in the highest bits.
    private static readonly ulong[] Glyphs =
    [
        Glyph(0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110),
        Glyph(0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110),
        Glyph(0b01110, 0b10001, 0b00001, 0b00010, 0b00100, 0b01000, 0b11111),
        Glyph(0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110),
        Glyph(0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010),
        Glyph(0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110),
        Glyph(0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110),
        Glyph(0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000),
        Glyph(0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110),
        Glyph(0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100),
        Glyph(0b00000, 0b00000, 0b00000, 0b11111, 0b00000, 0b00000, 0b00000),
    ];

    /// <summary>The first row of the picture that the digits cover.</summary>
    public const int Top = CenterY - 7 * Dot / 2;

    /// <summary>The row after the last that the digits cover.</summary>
    public const int Bottom = Top + 7 * Dot;

    /// <summary>The most characters that a number has.</summary>
    public const int MaximumLength = 6;

    /// <summary>Finds the characters of a number: four at least, a minus sign among them, zeros in front.</summary>
    /// <param name="reward">The return; rounded to even.</param>
    /// <param name="characters">Destination, [6]: 0 … 9 for digits, 10 for a minus sign.</param>
    /// <returns>How many characters there are.</returns>
    public static int Format(double reward, Span<byte> characters)
    {
        // More than five digits have no room.
        int value = (int)Math.Round(Math.Clamp(Math.Abs(reward), 0, 99_999), MidpointRounding.ToEven);
        bool negative = double.IsNegative(reward);
        int digits = negative ? 3 : 4;
        for (int bound = negative ? 1000 : 10_000; value >= bound; bound *= 10)
            digits++;

        int count = 0;
        if (negative)
            characters[count++] = Minus;
        for (int i = digits - 1, rest = value; i >= 0; i--, rest /= 10)
            characters[count + i] = (byte)(rest % 10);
        return count + digits;
    }

    /// <summary>The most pieces that a row has.</summary>
    public const int MaximumPieces = 3 * MaximumLength;

    /// <summary>What one row of the picture shows of the characters: white pieces, both ends included.</summary>
    /// <param name="characters">What <see cref="Format"/> found.</param>
    /// <param name="y">Row of the upright picture, <see cref="Top"/> … <see cref="Bottom"/> − 1.</param>
    /// <param name="pieces">Destination, [<see cref="MaximumPieces"/>].</param>
    /// <returns>How many pieces there are.</returns>
    public static int GetPieces(ReadOnlySpan<byte> characters, int y, Span<(int Left, int Right)> pieces)
    {
        int count = 0, x = CenterX - characters.Length * Advance / 2;
        foreach (byte character in characters)
        {
            int dots = (int)(Glyphs[character] >> (6 - (y - Top) / Dot) * 5 & 31);
            for (int dot = 0; dot < 5; dot++)
            {
                int start = dot;
                while (dot < 5 && (dots >> (4 - dot) & 1) != 0)
                    dot++;
                int left = Math.Max(x + start * Dot, 0), right = Math.Min(x + dot * Dot, Width) - 1;
                if (left <= right)
                    pieces[count++] = (left, right);
            }

            x += Advance;
        }

        return count;
    }

    private static ulong Glyph(params ReadOnlySpan<byte> rows)
    {
        ulong glyph = 0;
        foreach (byte row in rows)
            glyph = glyph << 5 | row;
        return glyph;
    }
}
