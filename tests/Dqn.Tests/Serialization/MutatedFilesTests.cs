using System.IO.Compression;
using Dqn.Fuzz;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

/// <summary>Damaged files, from fixed seeds: each loads or is refused as invalid data, in bounded memory.</summary>
public class MutatedFilesTests
{
    private const int PerFile = 1300;

    // Checksums guard what a ZIP archive holds, so damage there is always found. The other formats have none.
    private static readonly object[] Files =
    [
        new object[] { "zip", 1, true, () => GoldenFiles.ReadBytes("learning/mixed-state-dict.pt") },
        new object[] { "zip written here", 2, true, () => StateDicts.ToPyTorch(StateDicts.Mixed()) },
        new object[] { "zip, small", 3, true, () => StateDicts.ToPyTorch(StateDicts.Small()) },
        new object[]
        {
            "zip, deflated", 4, true, () => Deflated(GoldenFiles.ReadBytes("learning/mixed-state-dict.pt")),
        },
        new object[] { "legacy", 5, false, () => GoldenFiles.ReadBytes("learning/mixed-state-dict-legacy.pt") },
        new object[]
        {
            "safetensors", 6, false,
            () => StateDicts.ToSafeTensors(StateDicts.Mixed(), new Dictionary<string, string> { ["format"] = "pt" }),
        },
        new object[] { "safetensors, small", 7, false, () => StateDicts.ToSafeTensors(StateDicts.Small()) },
    ];

    [TestCaseSource(nameof(Files))]
    public void A_damaged_file_loads_or_is_refused(string name, int seed, bool checksums, Func<byte[]> make)
    {
        byte[] file = make();
        StateDict original = Load(file);
        (int loaded, int refused) = Run(file, seed, bytes => bytes, read =>
        {
            if (checksums)
                StateDicts.AssertEqual(read, original);
        });
        AssertBoth(name, loaded, refused);
    }

    // Behind the checksums: damaged pickles in sound archives.
    [Test]
    public void A_damaged_pickle_loads_or_is_refused()
    {
        byte[] file = StateDicts.ToPyTorch(StateDicts.Mixed());
        byte[] pickle = new ZipReader(new ByteSource(new MemoryStream(file))).Read("archive/data.pkl");
        (int loaded, int refused) = Run(pickle, 8, damaged => Archives.WithPickle(file, _ => damaged), _ => { });
        AssertBoth("pickle", loaded, refused);
    }

    private static void AssertBoth(string name, int loaded, int refused)
    {
        TestContext.Out.WriteLine($"{name}: {loaded} loaded, {refused} refused");
        Assert.That((loaded, refused), Is.EqualTo((PerFile - refused, PerFile - loaded)));
        Assert.That(loaded, Is.Positive);
        Assert.That(refused, Is.GreaterThan(PerFile / 2));
    }

    private static (int Loaded, int Refused) Run(
        byte[] file, int seed, Func<byte[], byte[]> wrap, Action<StateDict> check)
    {
        var random = new Pcg64((ulong)seed);
        int loaded = 0, refused = 0;
        for (int i = 0; i < PerFile; i++)
        {
            byte[] damaged = wrap(Mutations.Mutate(file, random));
            long before = GC.GetAllocatedBytesForCurrentThread();
            StateDict? read = null;
            try
            {
                read = Load(damaged);
                loaded++;
            }
            catch (InvalidDataException e) when (e.Message.Length > 20)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {i} of seed {seed}: {e}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.That(allocated, Is.LessThan((10L * damaged.Length) + (64 << 20)), $"mutation {i} of seed {seed}");
            if (read is not null)
                check(read);
        }

        return (loaded, refused);
    }

    /// <summary>What <see cref="StateDictFile.Read(string, string?)"/> does, without a file.</summary>
    private static StateDict Load(byte[] bytes)
    {
        var stream = new MemoryStream(bytes);
        bool safeTensors = bytes is [_, _, _, _, _, _, _, _, (byte)'{', ..];
        return safeTensors ? SafeTensorsFile.Read(stream) : PyTorchFile.Read(stream);
    }

    private static byte[] Deflated(byte[] file)
    {
        using var target = new MemoryStream();
        using var source = new ZipArchive(new MemoryStream(file));
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using Stream from = entry.Open();
                using Stream to = archive.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open();
                from.CopyTo(to);
            }
        }

        return target.ToArray();
    }
}
