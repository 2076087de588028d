using System.Security.Cryptography;
using Dqn.Networks;
using Dqn.Networks.Loading;

namespace Dqn.Tests.TorchEngine.Loading;

/// <summary>What becomes of a library on systems that have more or less than it needs.</summary>
public class OlderLinuxTests
{
    private static readonly byte[] TorchSharpNative = File.ReadAllBytes(TorchSharpFiles.NativeLibrary);

    [Test]
    public void On_a_system_that_has_everything_the_file_itself_will_do() =>
        Assert.That(OlderLinux.Prepare("file", TorchSharpNative, SystemWithLibstdcxx(33)), Is.Null);

    [Test]
    public void On_Debian_12_and_Ubuntu_22_04_one_flag_of_a_copy_differs()
    {
        byte[]? copy = OlderLinux.Prepare("file", TorchSharpNative, SystemWithLibstdcxx(30));
        Assert.That(copy, Is.Not.Null);
        int[] changed =
            [.. Enumerable.Range(0, copy!.Length).Where(place => copy[place] != TorchSharpNative[place])];
        ElfVersionNeed need = ElfImage.Parse(copy).Needs.Single(need => need.IsWeak);
        Assert.That(need.Version, Is.EqualTo("GLIBCXX_3.4.32"));
        Assert.That(changed, Is.EqualTo(new[] { need.FlagsOffset }));
        Assert.That(OlderLinux.Prepare("file", copy, SystemWithLibstdcxx(30)), Is.Null, "The copy needs no other.");
    }

    [Test]
    public void On_RHEL_9_the_message_says_what_is_missing_and_what_helps() => Assert.That(
        () => OlderLinux.Prepare("/app/libLibTorchSharp.so", TorchSharpNative, SystemWithLibstdcxx(29)),
        Throws.InstanceOf<NotSupportedException>().With.Message.StartsWith(
            "/app/libLibTorchSharp.so needs GLIBCXX_3.4.30 of libstdc++.so.6, of which this system has GLIBCXX_3.4.29 " +
            "at most. Expected a newer system, such as Debian 12, Ubuntu 22.04 or RHEL 10; or").And.Message.Contains(
            "LD_LIBRARY_PATH").And.Message.Contains("QNetwork").And.Message.Not.Contains("GLIBCXX_3.4.32"));

    [Test]
    public void Every_missing_version_that_is_used_is_named()
    {
        byte[] file = ElfFile.Needing(
            ("liba.so.1", "A_1.9", true), ("liba.so.1", "A_1.10", true), ("liba.so.1", "A_1.11", false),
            ("libb.so.2", "B_2.0", true), ("libc.so.3", "C_3.0", true), ("libd.so.4", "D_4.0", true));
        Dictionary<string, ElfImage> system = new()
        {
            ["liba.so.1"] = ElfImage.Parse(ElfFile.Offering("liba.so.1", "A_1.2", "A_1.8", "A_PRIVATE", "X_9.0")),
            ["libb.so.2"] = ElfImage.Parse(ElfFile.Offering("libb.so.2", "A_2.0")),
            ["libd.so.4"] = ElfImage.Parse(ElfFile.Offering("libd.so.4", "D_4.0")),
        };
        Assert.That(
            () => OlderLinux.Prepare("file", file, system.GetValueOrDefault),
            Throws.InstanceOf<NotSupportedException>().With.Message.StartsWith(
                "file needs A_1.9 of liba.so.1, of which this system has A_1.8 at most; " +
                "A_1.10 of liba.so.1, of which this system has A_1.8 at most; " +
                "B_2.0 of libb.so.2, of which this system has no B; C_3.0 of libc.so.3, which this system lacks. "));
    }

    [Test]
    public void A_library_without_versions_meets_every_need() => Assert.That(
        OlderLinux.Prepare(
            "file", ElfFile.Needing(("liba.so.1", "A_1.0", true)), _ => ElfImage.Parse(ElfFile.Offering())),
        Is.Null);

    [Test]
    public void A_version_that_is_used_cannot_be_done_without()
    {
        byte[] file = ElfFile.Needing(("liba.so.1", "A_1.0", true), ("liba.so.1", "A_1.1", false));
        Assert.That(
            () => VersionCheck.WithoutUnused(file, ElfImage.Parse(file).Needs),
            Throws.ArgumentException.With.Message.Contains("A_1.0"));
    }

    [Test]
    public void A_damaged_library_is_named() => Assert.That(
        () => OlderLinux.Prepare("/app/libLibTorchSharp.so", TorchSharpNative[..100_000], SystemWithLibstdcxx(30)),
        Throws.TypeOf<InvalidDataException>().With.Message.StartsWith("/app/libLibTorchSharp.so is damaged")
            .And.Message.Contains("cut off"));

    [Test]
    public void A_system_library_that_cannot_be_read_meets_every_need()
    {
        byte[] file = ElfFile.Needing(("liba.so.1", "A_1.0", true));
        string missing = Path.Combine(TestContext.CurrentContext.TestDirectory, "no such library"),
            text = Path.Combine(TestContext.CurrentContext.TestDirectory, "Dqn.TorchSharp.Tests.runtimeconfig.json");
        Assert.That(OlderLinux.Prepare("file", file, _ => OlderLinux.Read(missing)), Is.Null);
        Assert.That(OlderLinux.Prepare("file", file, _ => OlderLinux.Read(text)), Is.Null);
    }

    [Test]
    [Platform("Linux")]
    public void The_packages_library_is_loaded_from_memory_exactly_where_the_system_is_older()
    {
        byte[] before = SHA256.HashData(TorchSharpNative);
        TorchLibrary.Load();
        string libstdcxx = SystemLibrary.FileOf("libstdc++.so.6", AppContext.BaseDirectory)!;
        bool older = !ElfImage.Parse(File.ReadAllBytes(libstdcxx)).Versions.Contains("GLIBCXX_3.4.32");
        string[] maps = File.ReadAllLines("/proc/self/maps");
        Assert.That(maps.Any(line => line.Contains("/memfd:libLibTorchSharp.so")), Is.EqualTo(older));
        Assert.That(maps.Any(line => line.EndsWith("/libLibTorchSharp.so")), Is.EqualTo(!older));
        Assert.That(SystemLibrary.IsLoaded(OlderLinux.Name));
        Assert.That(OlderLinux.Find(OlderLinux.Name), Is.SamePath(TorchSharpFiles.NativeLibrary));
        Assert.That(SHA256.HashData(File.ReadAllBytes(TorchSharpFiles.NativeLibrary)), Is.EqualTo(before));
    }

    [Test]
    [Platform("Linux")]
    public void What_is_no_library_does_not_load_from_memory() => Assert.That(
        () => SystemLibrary.LoadFromMemory("nothing", "no library"u8), Throws.TypeOf<DllNotFoundException>());

    [Test]
    [Platform("Linux")]
    public void A_library_that_the_system_lacks_has_no_file()
    {
        Assert.That(SystemLibrary.FileOf("libthere_is_none.so.9", AppContext.BaseDirectory), Is.Null);
        Assert.That(SystemLibrary.IsLoaded("libthere_is_none.so.9"), Is.False);
    }

    /// <summary>A system with all that is needed but for libstdc++, which has GLIBCXX_3.4 to GLIBCXX_3.4.newest.</summary>
    private static Func<string, ElfImage?> SystemWithLibstdcxx(int newest) => name =>
    {
        IEnumerable<string> versions = ElfImage.Parse(TorchSharpNative).Needs
            .Where(need => need.Library == name && !need.Version.StartsWith("GLIBCXX", StringComparison.Ordinal))
            .Select(need => need.Version);
        if (name == "libstdc++.so.6")
            versions = [.. versions, "GLIBCXX_3.4", .. Enumerable.Range(1, newest).Select(i => $"GLIBCXX_3.4.{i}")];
        return ElfImage.Parse(ElfFile.Offering([.. versions]));
    };
}
