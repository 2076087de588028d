using Dqn.Networks.Loading;

namespace Dqn.Tests.TorchEngine.Loading;

/// <summary>What is read from ELF files: the package's own, made ones and damaged ones.</summary>
public class ElfImageTests
{
    private static readonly byte[] Small = ElfFile.Needing(
        ("liba.so.1", "A_1.0", true), ("liba.so.1", "A_1.1", false), ("libb.so.2", "B_2", true),
        ("libb.so.2", "B_3", false), ("libb.so.2", "B_4", true));

    [Test]
    public void The_packages_own_library_uses_all_versions_but_one()
    {
        var image = ElfImage.Parse(File.ReadAllBytes(TorchSharpFiles.NativeLibrary));
        Assert.Multiple(() =>
        {
            Assert.That(image.SoName, Is.EqualTo("libLibTorchSharp.so"));
            Assert.That(image.Libraries.Take(3), Is.EqualTo(new[] { "libtorch.so", "libc10.so", "libtorch_cpu.so" }));
            Assert.That(image.Versions, Is.Empty);
            Assert.That(image.Needs, Has.Length.EqualTo(28).And.All.Property("IsWeak").False);
            Assert.That(image.Needs.Select(need => need.Library).Distinct(), Is.EqualTo(new[]
            {
                "ld-linux-x86-64.so.2", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "libstdc++.so.6",
            }));
            Assert.That(
                image.Needs.Where(need => !need.IsUsed).Select(need => need.Version),
                Is.EqualTo(new[] { "GLIBCXX_3.4.32" }));
        });
    }

    [Test]
    public void Needs_are_read_with_whether_a_relocation_uses_them()
    {
        var image = ElfImage.Parse(Small);
        Assert.That(image.SoName, Is.EqualTo("libsynthetic.so"));
        Assert.That(image.Libraries, Is.EqualTo(new[] { "liba.so.1", "libb.so.2" }));
        Assert.That(image.Needs.Select(need => (need.Library, need.Version, need.IsUsed)), Is.EqualTo(new[]
        {
            ("liba.so.1", "A_1.0", true), ("liba.so.1", "A_1.1", false), ("libb.so.2", "B_2", true),
            ("libb.so.2", "B_3", false), ("libb.so.2", "B_4", true),
        }));
    }

    [Test]
    public void Offered_versions_are_read() => Assert.That(
        ElfImage.Parse(ElfFile.Offering("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.36")).Versions,
        Is.EqualTo(new[] { "libc.so.6", "GLIBC_2.2.5", "GLIBC_2.36" }));

    [Test]
    public void A_library_may_need_and_offer_nothing()
    {
        var image = ElfImage.Parse(ElfFile.Offering());
        Assert.That(image.SoName, Is.Null);
        Assert.That((image.Needs.Length, image.Libraries.Length, image.Versions.Length), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void Other_files_are_refused_by_what_they_are() => Assert.Multiple(() =>
    {
        byte[] narrow = [.. Small], bigEndian = [.. Small], program = [.. Small];
        (narrow[4], bigEndian[5]) = (1, 2);
        program[64 + 56] = 6;
        Refused([], "starts with 7F 45 4C 46");
        Refused("MZ, as Windows has it"u8.ToArray(), "starts with 7F 45 4C 46");
        Refused(Small[..5], "64 bits and little endian");
        Refused(narrow, "64 bits and little endian");
        Refused(bigEndian, "64 bits and little endian");
        Refused(program, "without a dynamic section");

        static void Refused(byte[] file, string message) => Assert.That(
            () => ElfImage.Parse(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    });

    [Test]
    public void A_file_cut_off_anywhere_is_refused()
    {
        for (int length = 0; length < Small.Length; length++)
            Assert.That(() => ElfImage.Parse(Small[..length]), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        byte[] real = File.ReadAllBytes(TorchSharpFiles.NativeLibrary);
        for (int length = 0; length < 1_900_000; length += 99_991)
            Assert.That(() => ElfImage.Parse(real[..length]), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
    }

    [Test]
    public void A_damaged_byte_is_refused_or_does_not_matter()
    {
        int refused = 0;
        for (int place = 0; place < Small.Length; place++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7f, 0x80, 0xff })
            {
                byte[] damaged = [.. Small];
                damaged[place] = value;
                try
                {
                    _ = ElfImage.Parse(damaged);
                }
                catch (InvalidDataException)
                {
                    refused++;
                }
            }
        }

        Assert.That(refused, Is.GreaterThan(100));
    }

    [Test]
    public void A_chain_of_versions_without_an_end_is_refused()
    {
        byte[] file = ElfFile.Needing(("liba.so.1", "A_1.0", false));

        // The need says that 65,535 versions follow each other.
        int need = file.Length - 32;
        (file[need + 2], file[need + 3]) = (0xff, 0xff);
        Assert.That(
            () => ElfImage.Parse(file), Throws.TypeOf<InvalidDataException>().With.Message.Contains("ends early"));
    }
}
