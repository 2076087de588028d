using System.Buffers.Binary;
using System.Globalization;

namespace Dqn.Networks.Loading;

/// <summary>
/// Compares the versions that a library needs with those that the system's libraries offer. A version that is missing
/// and that no relocation uses is only a note of the linker's: without it the library runs all the same, and
/// <see cref="WithoutUnused"/> lets the dynamic loader know.
/// </summary>
internal static class VersionCheck
{
    /// <summary>The needs that the system does not meet, but for those that are weak already.</summary>
    /// <param name="image">The library.</param>
    /// <param name="find">The system's library of a name; null where there is none.</param>
    public static IReadOnlyList<ElfVersionNeed> Missing(ElfImage image, Func<string, ElfImage?> find)
    {
        List<ElfVersionNeed> missing = [];
        foreach (IGrouping<string, ElfVersionNeed> needs in image.Needs.GroupBy(need => need.Library))
        {
            // A library without versions meets every need: so the dynamic loader has it.
            ElfImage? library = find(needs.Key);
            if (library is not { Versions.IsEmpty: true })
                missing.AddRange(needs.Where(need => !need.IsWeak && library?.Versions.Contains(need.Version) != true));
        }

        return missing;
    }

    /// <summary>A copy of the file in which needs are weak.</summary>
    /// <exception cref="ArgumentException">One of them is used.</exception>
    public static byte[] WithoutUnused(ReadOnlySpan<byte> file, IEnumerable<ElfVersionNeed> needs)
    {
        byte[] copy = file.ToArray();
        foreach (ElfVersionNeed need in needs)
        {
            if (need.IsUsed)
                throw new ArgumentException($"Expected versions that nothing uses, got {need}.", nameof(needs));
            Span<byte> flags = copy.AsSpan(need.FlagsOffset, sizeof(ushort));
            ushort value = BinaryPrimitives.ReadUInt16LittleEndian(flags);
            BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(value | ElfImage.WeakFlag));
        }

        return copy;
    }

    /// <summary>Says which versions are missing, which the system has, and what helps.</summary>
    /// <param name="file">The library that needs them.</param>
    /// <param name="missing">What <see cref="Missing"/> gave, at least one.</param>
    /// <param name="find">As for <see cref="Missing"/>.</param>
    public static string Describe(
        string file, IEnumerable<ElfVersionNeed> missing, Func<string, ElfImage?> find)
    {
        IEnumerable<string> lines = missing.Select(need =>
            $"{need.Version} of {need.Library}, where this system has " + (
                find(need.Library) is not { } library ? $"no {need.Library}"
                : NewestOf(Family(need.Version), library) is { } newest ? $"{newest} at most"
                : $"no {Family(need.Version)}"));
        return $"{file} needs {string.Join("; ", lines)}. Expected a newer system, such as Debian 12, Ubuntu 22.04 or " +
            "RHEL 10, or, where only libstdc++.so.6 is too old, the directory of a newer one (GCC 12 or later; conda's " +
            "package libstdcxx has it) in LD_LIBRARY_PATH before the program starts. The built-in engine, QNetwork, " +
            "needs none of this.";
    }

    private static string? NewestOf(string family, ElfImage library) => library.Versions
        .Where(version => Family(version) == family && Version.TryParse(Number(version), out _))
        .MaxBy(version => Version.Parse(Number(version)));

    private static string Family(string version) => version.Split('_')[0];

    private static string Number(string version) =>
        string.Create(CultureInfo.InvariantCulture, $"{version.AsSpan(Family(version).Length).TrimStart('_')}");
}
