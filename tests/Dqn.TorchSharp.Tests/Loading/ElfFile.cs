using System.Text;

namespace Dqn.Tests.TorchEngine.Loading;

/// <summary>Writes small ELF files: the tables that the dynamic loader compares versions by, and nothing to run.</summary>
internal static class ElfFile
{
    // Behind the header and two program headers. In memory the file begins elsewhere than at 0.
    private const int DynamicSection = 64 + 2 * 56;
    private const ulong Base = 0x1000;

    /// <summary>A library that needs versions of others and has a relocation for each that it uses.</summary>
    public static byte[] Needing(params (string Library, string Version, bool IsUsed)[] needs)
    {
        Names names = new();
        using MemoryStream versions = new(), needed = new(), relocations = new();
        versions.Write(new byte[2]);
        var libraries = needs.GroupBy(need => need.Library).ToArray();
        ushort number = 1;
        foreach (IGrouping<string, (string Library, string Version, bool IsUsed)> library in libraries)
        {
            int size = 16 + 16 * library.Count();
            Write(needed, (ushort)1, (ushort)library.Count(), names[library.Key], 16u, library == libraries[^1] ? 0u : (uint)size);
            foreach ((int index, (_, string version, bool isUsed)) in library.Index())
            {
                Write(needed, 0u, (ushort)0, ++number, names[version], index + 1 == library.Count() ? 0u : 16u);
                Write(versions, number);
                if (isUsed)
                    Write(relocations, 0UL, 7u, (uint)(number - 1), 0UL);
            }
        }

        // Half of the relocations are the linkage table's, as in a library of C++.
        byte[] all = relocations.ToArray();
        int first = all.Length / 24 / 2 * 24;
        return Assemble(
            names, [.. libraries.Select(library => (1L, (ulong)names[library.Key])), (14, names["libsynthetic.so"])],
            (0x6ffffff0, versions.ToArray(), null, 0),
            (0x6ffffffe, needed.ToArray(), 0x6fffffff, (ulong)libraries.Length),
            (7, all[..first], 8, (ulong)first), (23, all[first..], 2, (ulong)(all.Length - first)));
    }

    /// <summary>A library that offers versions.</summary>
    public static byte[] Offering(params string[] versions)
    {
        Names names = new();
        using MemoryStream defined = new();
        foreach ((int index, string version) in versions.Index())
        {
            Write(defined, (ushort)1, (ushort)0, (ushort)(index + 1), (ushort)1, 0u, 20u,
                index + 1 == versions.Length ? 0u : 28u);
            Write(defined, names[version], 0u);
        }

        if (versions.Length == 0)
            return Assemble(names, []);
        return Assemble(names, [], (0x6ffffffc, defined.ToArray(), 0x6ffffffd, (ulong)versions.Length));
    }

    private static byte[] Assemble(
        Names names, List<(long Tag, ulong Value)> dynamic,
        params (long Tag, byte[] Table, long? SizeTag, ulong Size)[] tables)
    {
        byte[] strings = names.ToArray();
        int entries = dynamic.Count + 3 + tables.Sum(table => table.SizeTag is null ? 1 : 2);
        ulong address = (ulong)(DynamicSection + 16 * entries);
        dynamic.AddRange([(5, Base + address), (10, (ulong)strings.Length)]);
        address += (ulong)strings.Length;
        foreach ((long tag, byte[] table, long? sizeTag, ulong size) in tables)
        {
            dynamic.Add((tag, Base + address));
            if (sizeTag is { } other)
                dynamic.Add((other, size));
            address += (ulong)table.Length;
        }

        dynamic.Add((0, 0));
        using MemoryStream file = new();
        file.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Write(file, (ushort)3, (ushort)62, 1u, 0UL, 64UL, 0UL, 0u, (ushort)64, (ushort)56, (ushort)2);
        Write(file, (ushort)64, (ushort)0, (ushort)0);

        Write(file, 1u, 4u, 0UL, Base, 0UL, address, address, 1UL);
        Write(file, 2u, 4u, (ulong)DynamicSection, Base + DynamicSection, 0UL, 16UL * (ulong)entries, 0UL, 8UL);
        foreach ((long tag, ulong value) in dynamic)
            Write(file, (ulong)tag, value);
        file.Write(strings);
        foreach ((_, byte[] table, _, _) in tables)
            file.Write(table);
        return file.ToArray();
    }

    private static void Write(Stream stream, params object[] numbers)
    {
        foreach (object number in numbers)
        {
            stream.Write(number switch
            {
                ushort value => BitConverter.GetBytes(value),
                uint value => BitConverter.GetBytes(value),
                ulong value => BitConverter.GetBytes(value),
                _ => throw new ArgumentException($"Expected an unsigned number, got {number}.", nameof(numbers)),
            });
        }
    }

    /// <summary>The table of names, each followed by a zero.</summary>
    private sealed class Names
    {
        private readonly StringBuilder _text = new("\0");
        private readonly Dictionary<string, uint> _offsets = [];

        public uint this[string name]
        {
            get
            {
                if (!_offsets.TryGetValue(name, out uint offset))
                {
                    _offsets.Add(name, offset = (uint)_text.Length);
                    _text.Append(name).Append('\0');
                }

                return offset;
            }
        }

        public byte[] ToArray() => Encoding.ASCII.GetBytes(_text.ToString());
    }
}
