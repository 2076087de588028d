using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Dqn.Randomness;

namespace Dqn.Fuzz;

/// <summary>Damages files: bits, lengths, ends, and pieces that readers know.</summary>
public static class Mutations
{
    private static readonly ulong[] Extremes =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000,
        0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
    ];

    // Opcodes of pickles, JSON, and names that mean something.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "]", "}", "(", ")", "t", "e", "u", "0", "2", "\u0094", "h\0", "K\0", "N", "\u0081", "R", "b", "\u008f",
            "ccollections\nOrderedDict\n)R", "ctorch\nFloatStorage\n", "ctorch\ndevice\n", "X\u0001\0\0\0a",
            "\"a\":", "{}", "[]", "null", "-1", "1e999", "0.5", "9223372036854775807", "18446744073709551616", "\\ud800",
            "\"shape\":[0]", "\"__metadata__\":{},", "{\"layer\":\"Relu\"},", "{\"layer\":\"Flatten\"},",
            ".weight", ".bias", "_target", "net.10.", "\u001b[2J", "IDAT", "tEXt",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    /// <summary>A damaged copy: up to three changes, most of them small.</summary>
    public static byte[] Mutate(byte[] file, Pcg64 random)
    {
        List<byte> bytes = [.. file];
        int times = 1 + random.Integer(3);
        for (int i = 0; i < times && bytes.Count > 0; i++)
            Change(bytes, random, random.Integer(6));
        return [.. bytes];
    }

    /// <summary>As <see cref="Mutate"/>, and pieces that readers know, repetitions, and numbers written as text.</summary>
    public static byte[] MutateFurther(byte[] file, Pcg64 random)
    {
        List<byte> bytes = [.. file];
        int times = 1 + random.Integer(4);
        for (int i = 0; i < times && bytes.Count > 0; i++)
            Change(bytes, random, random.Integer(10));
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Pcg64 random, int kind)
    {
        int at = random.Integer(bytes.Count);
        switch (kind)
        {
            case 0: // a bit
                bytes[at] ^= (byte)(1 << random.Integer(8));
                break;
            case 1: // a byte
                bytes[at] = (byte)random.Integer(256);
                break;
            case 2: // the end is missing
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 3: // a part is missing
                bytes.RemoveRange(at, Math.Min(1 + random.Integer(16), bytes.Count - at));
                break;
            case 4: // something came between
                var between = new byte[1 + random.Integer(16)];
                for (int k = 0; k < between.Length; k++)
                    between[^(k + 1)] = (byte)random.Integer(256);
                bytes.InsertRange(at, between);
                break;
            case 5: // a length, a count or an offset
                var number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, Extremes[random.Integer(Extremes.Length)]);
                int size = 1 << random.Integer(4);
                for (int k = 0; k < size && at + k < bytes.Count; k++)
                    bytes[at + k] = number[k];
                break;
            case 6: // a piece that means something, once or often
                byte[] piece = Pieces[random.Integer(Pieces.Length)];
                int repeats = random.Integer(8) == 0 ? 1 << random.Integer(14) : 1;
                bytes.InsertRange(at, Repeat(piece, repeats));
                break;
            case 7: // a stretch comes again, here or elsewhere
                byte[] stretch = [.. CollectionsMarshal.AsSpan(bytes).Slice(at, Math.Min(1 + random.Integer(64), bytes.Count - at))];
                int copies = random.Integer(8) == 0 ? 1 << random.Integer(8) : 1;
                bytes.InsertRange(random.Integer(bytes.Count), Repeat(stretch, copies));
                break;
            case 8: // a digit
                int digit = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                if (digit >= 0)
                    bytes[digit] = (byte)('0' + random.Integer(10));
                break;
            default: // a number written in digits
                int first = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
                if (first >= 0)
                {
                    bytes.RemoveAt(first);
                    bytes.InsertRange(first, Encoding.ASCII.GetBytes($"{Extremes[random.Integer(Extremes.Length)]}"));
                }

                break;
        }
    }
    // An array, so that the list takes it in one piece.
    private static byte[] Repeat(byte[] piece, int times)
    {
        if (times == 1)
            return piece;
        var repeated = new byte[times * piece.Length];
        for (int i = 0; i < times; i++)
            piece.CopyTo(repeated, i * piece.Length);
        return repeated;
    }
}
