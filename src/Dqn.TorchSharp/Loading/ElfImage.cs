using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Dqn.Networks.Loading;

/// <summary>
/// What a shared library, an ELF file of 64 bits and little endian, asks of other libraries and what it offers: the part
/// that the dynamic loader checks before it binds symbols. The tables are found as the loader finds them, through the
/// program headers and the dynamic section (System V ABI, chapter 5; symbol versions: Linux Standard Base 5.0, Core,
/// chapter 11).
/// </summary>
internal sealed class ElfImage
{
    /// <summary>The flag of a version need that lets the loader go on without it.</summary>
    public const ushort WeakFlag = 2;

    private const uint SegmentLoad = 1, SegmentDynamic = 2;
    private const long TagNeeded = 1, TagPltRelocationsSize = 2, TagStrings = 5, TagSymbols = 6, TagRelocationsA = 7,
        TagRelocationsASize = 8, TagStringsSize = 10, TagSoName = 14, TagRelocations = 17, TagRelocationsSize = 18,
        TagPltRelocationsKind = 20, TagPltRelocations = 23, TagVersionOfSymbol = 0x6ffffff0,
        TagVersionsDefined = 0x6ffffffc, TagVersionsDefinedCount = 0x6ffffffd, TagVersionsNeeded = 0x6ffffffe,
        TagVersionsNeededCount = 0x6fffffff;

    private ElfImage(
        string? soName, ImmutableArray<string> libraries, ImmutableArray<ElfVersionNeed> needs,
        ImmutableArray<string> versions)
    {
        (SoName, Libraries, Needs, Versions) = (soName, libraries, needs, versions);
    }

    /// <summary>The name under which others need it; null where it has none.</summary>
    public string? SoName { get; }

    /// <summary>The libraries that it needs, in order.</summary>
    public ImmutableArray<string> Libraries { get; }

    /// <summary>The versions that it needs of them.</summary>
    public ImmutableArray<ElfVersionNeed> Needs { get; }

    /// <summary>The versions that it offers; none where its symbols have no versions.</summary>
    public ImmutableArray<string> Versions { get; }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">
    /// It is no shared library of 64 bits and little endian, or it is cut off or damaged.
    /// </exception>
    public static ElfImage Parse(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith("\u007fELF"u8))
            throw new InvalidDataException("Expected an ELF file, which starts with 7F 45 4C 46.");
        if (file.Length < 6 || file[4] != 2 || file[5] != 1)
            throw new InvalidDataException("Expected an ELF file of 64 bits and little endian.");
        try
        {
            return new Reader(file).Read();
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("ELF file: cut off or damaged.", exception);
        }
    }

    private readonly ref struct Reader
    {
        private readonly ReadOnlySpan<byte> _file, _strings;
        private readonly List<(ulong Address, ulong Size, ulong Offset)> _segments = [];
        private readonly List<(long Tag, ulong Value)> _dynamic = [];

        public Reader(ReadOnlySpan<byte> file)
        {
            _file = file;
            (int headers, int size, int count) = (checked((int)U64(32)), U16(54), U16(56));
            int dynamic = -1;
            for (int header = headers, i = 0; i < count; header += size, i++)
            {
                uint kind = U32(header);
                if (kind == SegmentLoad)
                    _segments.Add((U64(header + 16), U64(header + 32), U64(header + 8)));
                else if (kind == SegmentDynamic)
                    dynamic = checked((int)U64(header + 8));
            }

            if (dynamic < 0)
                throw new InvalidDataException("Expected a shared library, got an ELF file without a dynamic section.");
            for (; U64(dynamic) != 0; dynamic = checked(dynamic + 16))
                _dynamic.Add(((long)U64(dynamic), U64(dynamic + 8)));
            _strings = _file.Slice(OffsetOf(Value(TagStrings)), checked((int)Value(TagStringsSize)));
        }

        public ElfImage Read()
        {
            ImmutableArray<string>.Builder libraries = ImmutableArray.CreateBuilder<string>();
            string? soName = null;
            foreach ((long tag, ulong value) in _dynamic)
            {
                if (tag == TagNeeded)
                    libraries.Add(Text(value));
                else if (tag == TagSoName)
                    soName = Text(value);
            }

            return new ElfImage(soName, libraries.DrainToImmutable(), ReadNeeds(), ReadVersions());
        }

        private ImmutableArray<ElfVersionNeed> ReadNeeds()
        {
            ImmutableArray<ElfVersionNeed>.Builder needs = ImmutableArray.CreateBuilder<ElfVersionNeed>();
            if (Value(TagVersionsNeeded) is var table and not 0)
            {
                HashSet<int> used = UsedVersions();
                int entry = OffsetOf(table);
                for (ulong left = Value(TagVersionsNeededCount); left > 0; left--)
                {
                    string library = Text(U32(entry + 4));
                    int version = Next(entry, U32(entry + 8));
                    for (int versions = U16(entry + 2); versions > 0; versions--)
                    {
                        needs.Add(new ElfVersionNeed(
                            library, Text(U32(version + 8)), (U16(version + 4) & WeakFlag) != 0,
                            used.Contains(U16(version + 6) & 0x7fff), version + 4));
                        version = Next(version, U32(version + 12));
                    }

                    entry = Next(entry, U32(entry + 12));
                }
            }

            return needs.DrainToImmutable();
        }

        private ImmutableArray<string> ReadVersions()
        {
            ImmutableArray<string>.Builder versions = ImmutableArray.CreateBuilder<string>();
            if (Value(TagVersionsDefined) is var table and not 0)
            {
                int entry = OffsetOf(table);
                for (ulong left = Value(TagVersionsDefinedCount); left > 0; left--)
                {
                    versions.Add(Text(U32(Next(entry, U32(entry + 12)))));
                    entry = Next(entry, U32(entry + 16));
                }
            }

            return versions.DrainToImmutable();
        }

        /// <summary>The numbers of the versions of all symbols that a relocation refers to.</summary>
        private HashSet<int> UsedVersions()
        {
            HashSet<int> used = [];
            bool pltHasAddends = Value(TagPltRelocationsKind) != TagRelocations;
            Add(TagRelocationsA, TagRelocationsASize, 24, used);
            Add(TagRelocations, TagRelocationsSize, 16, used);
            Add(TagPltRelocations, TagPltRelocationsSize, pltHasAddends ? 24 : 16, used);
            return used;
        }

        private void Add(long table, long tableSize, int size, HashSet<int> used)
        {
            if (Value(table) is not (var address and not 0))
                return;
            int relocation = OffsetOf(address), versions = OffsetOf(Value(TagVersionOfSymbol));
            for (ulong left = Value(tableSize) / (ulong)size; left > 0; left--, relocation += size)
            {
                int symbol = checked((int)U32(relocation + 12));
                if (symbol != 0)
                    used.Add(U16(checked(versions + 2 * symbol)) & 0x7fff);
            }
        }

        /// <summary>The dynamic section's value for a tag; 0 where it has none.</summary>
        private ulong Value(long tag)
        {
            foreach ((long candidate, ulong value) in _dynamic)
            {
                if (candidate == tag)
                    return value;
            }

            return 0;
        }

        /// <summary>Where in the file is what will be at an address in memory.</summary>
        private int OffsetOf(ulong address)
        {
            foreach ((ulong start, ulong size, ulong offset) in _segments)
            {
                if (address >= start && address - start < size)
                    return checked((int)(offset + (address - start)));
            }

            throw new InvalidDataException($"ELF file: damaged, no segment holds the address {address:x}.");
        }

        private static int Next(int entry, uint distance) => checked((int)(entry + distance));

        private string Text(ulong start)
        {
            ReadOnlySpan<byte> text = _strings[checked((int)start)..];
            int end = text.IndexOf((byte)0);
            return Encoding.UTF8.GetString(text[..(end < 0 ? throw new InvalidDataException(
                "ELF file: damaged, a name has no end.") : end)]);
        }

        private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_file[offset..]);

        private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_file[offset..]);

        private ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(_file[offset..]);
    }
}
