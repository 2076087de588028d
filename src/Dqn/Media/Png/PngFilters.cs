using System.Numerics;

namespace Dqn.Media;

/// <summary>
/// PNG's five row filters (PNG specification, section 9): each byte minus a guess from its left neighbour a, the one
/// above b and the one above left c, modulo 256. Bytes left of the row and rows above the picture count as zero.
/// </summary>
internal static class PngFilters
{
    public const int None = 0, Sub = 1, Up = 2, Average = 3, Paeth = 4, Count = 5;

    /// <summary>
    /// Filters one row. Rows are padded in front: byte i of the row is element <paramref name="pixelBytes"/> + i.
    /// </summary>
    /// <param name="filter">Which, 0 … <see cref="Count"/> − 1.</param>
    /// <param name="pixelBytes">Bytes of one pixel.</param>
    /// <param name="row">[pixelBytes + n], its first pixelBytes elements zero.</param>
    /// <param name="above">[pixelBytes + n], likewise.</param>
    /// <param name="filtered">[n].</param>
    public static void Apply(
        int filter, int pixelBytes, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered)
    {
        int n = filtered.Length;
        ReadOnlySpan<byte> x = row.Slice(pixelBytes, n), a = row[..n], b = above.Slice(pixelBytes, n), c = above[..n];
        int i = 0;
        switch (filter)
        {
            case None:
                x.CopyTo(filtered);
                break;
            case Sub:
                for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count)
                    (Load(x, i) - Load(a, i)).CopyTo(filtered[i..]);
                for (; i < n; i++)
                    filtered[i] = (byte)(x[i] - a[i]);
                break;
            case Up:
                for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count)
                    (Load(x, i) - Load(b, i)).CopyTo(filtered[i..]);
                for (; i < n; i++)
                    filtered[i] = (byte)(x[i] - b[i]);
                break;
            case Average:
                for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count)
                {
                    // floor((a + b) / 2) without a ninth bit.
                    Vector<byte> va = Load(a, i), vb = Load(b, i);
                    Vector<byte> mean = (va & vb) + Vector.ShiftRightLogical(va ^ vb, 1);
                    (Load(x, i) - mean).CopyTo(filtered[i..]);
                }

                for (; i < n; i++)
                    filtered[i] = (byte)(x[i] - ((a[i] + b[i]) >> 1));
                break;
            case Paeth:
                for (; i <= n - Vector<byte>.Count; i += Vector<byte>.Count)
                    (Load(x, i) - Predict(Load(a, i), Load(b, i), Load(c, i))).CopyTo(filtered[i..]);
                for (; i < n; i++)
                    filtered[i] = (byte)(x[i] - Predict(a[i], b[i], c[i]));
                break;
        }
    }

    /// <summary>Undoes <see cref="Apply"/> in place; rows are padded in front likewise.</summary>
    public static void Undo(int filter, int pixelBytes, Span<byte> row, ReadOnlySpan<byte> above)
    {
        for (int i = pixelBytes; i < row.Length; i++)
            row[i] += filter switch
            {
                Sub => row[i - pixelBytes],
                Up => above[i],
                Average => (byte)((row[i - pixelBytes] + above[i]) >> 1),
                Paeth => Predict(row[i - pixelBytes], above[i], above[i - pixelBytes]),
                _ => 0,
            };
    }

    /// <summary>
    /// Sum of the bytes' distances from zero modulo 256: small rows compress well (the specification's advice).
    /// </summary>
    public static long Cost(ReadOnlySpan<byte> filtered)
    {
        long sum = 0;
        int i = 0;
        while (i <= filtered.Length - Vector<byte>.Count)
        {
            // Each byte of distance is at most 128, so 16-bit lanes take 2 × 255 of them before they must be emptied.
            Vector<ushort> partial = default;
            for (int k = 0; k < 255 && i <= filtered.Length - Vector<byte>.Count; k++, i += Vector<byte>.Count)
            {
                Vector<byte> v = Load(filtered, i);
                Vector.Widen(Vector.Min(v, Vector<byte>.Zero - v), out Vector<ushort> low, out Vector<ushort> high);
                partial += low + high;
            }

            Vector.Widen(partial, out Vector<uint> first, out Vector<uint> second);
            sum += Vector.Sum(first + second);
        }

        for (; i < filtered.Length; i++)
            sum += Math.Min(filtered[i], 256 - filtered[i]);
        return sum;
    }

    // The neighbour closest to a + b − c; ties go to a, then b.
    private static byte Predict(byte a, byte b, byte c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private static Vector<byte> Predict(Vector<byte> a, Vector<byte> b, Vector<byte> c)
    {
        Vector.Widen(a, out Vector<ushort> a0, out Vector<ushort> a1);
        Vector.Widen(b, out Vector<ushort> b0, out Vector<ushort> b1);
        Vector.Widen(c, out Vector<ushort> c0, out Vector<ushort> c1);
        return Vector.Narrow(Predict(a0, b0, c0), Predict(a1, b1, c1));
    }

    private static Vector<ushort> Predict(Vector<ushort> ua, Vector<ushort> ub, Vector<ushort> uc)
    {
        Vector<short> a = Vector.AsVectorInt16(ua), b = Vector.AsVectorInt16(ub), c = Vector.AsVectorInt16(uc);
        Vector<short> fromA = b - c, fromB = a - c;
        Vector<short> toA = Vector.Abs(fromA), toB = Vector.Abs(fromB), toC = Vector.Abs(fromA + fromB);
        Vector<short> takeA = Vector.LessThanOrEqual(toA, toB) & Vector.LessThanOrEqual(toA, toC);
        Vector<short> bOrC = Vector.ConditionalSelect(Vector.LessThanOrEqual(toB, toC), b, c);
        return Vector.AsVectorUInt16(Vector.ConditionalSelect(takeA, a, bOrC));
    }

    private static Vector<byte> Load(ReadOnlySpan<byte> span, int index) => new(span[index..]);
}
