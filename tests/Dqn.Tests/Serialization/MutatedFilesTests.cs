using System.Buffers.Binary;
using System.IO.Compression;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

/// <summary>Damaged files, from fixed seeds: each loads or is refused as invalid data, in bounded memory.</summary>
public class MutatedFilesTests
{
    private const int PerFile = 1300;

    private static readonly ulong[] Extremes =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0x100000000,
        0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF,
    ];

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
        var zip = new ZipReader(new ByteSource(new MemoryStream(file)));
        var budget = new MemoryBudget(file.Length);
        var others = zip.Names.Where(name => !name.EndsWith("data.pkl", StringComparison.Ordinal))
            .Select(name => (name, zip.Read(name, budget))).ToList();
        (int loaded, int refused) = Run(zip.Read("archive/data.pkl", budget), 8, Rezip, _ => { });
        AssertBoth("pickle", loaded, refused);

        byte[] Rezip(byte[] pickle)
        {
            using var stream = new MemoryStream();
            var writer = new ZipWriter(stream);
            writer.Add("archive/data.pkl", pickle);
            foreach ((string name, byte[] content) in others)
                writer.Add(name, content);
            writer.Finish();
            return stream.ToArray();
        }
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
            byte[] damaged = wrap(Mutate(file, random));
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
            Assert.That(allocated, Is.LessThan((64L * damaged.Length) + (2 << 20)), $"mutation {i} of seed {seed}");
            if (read is not null)
                check(read);
        }

        return (loaded, refused);
    }

    /// <summary>What <see cref="StateDictFile.Read(string)"/> does, without a file.</summary>
    private static StateDict Load(byte[] bytes)
    {
        var stream = new MemoryStream(bytes);
        bool safeTensors = bytes is [_, _, _, _, _, _, _, _, (byte)'{', ..];
        return safeTensors ? SafeTensorsFile.Read(stream) : PyTorchFile.Read(stream);
    }

    private static byte[] Mutate(byte[] file, Pcg64 random)
    {
        List<byte> bytes = [.. file];
        int times = 1 + random.Integer(3);
        for (int i = 0; i < times && bytes.Count > 0; i++)
        {
            int at = random.Integer(bytes.Count);
            switch (random.Integer(6))
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
                    int count = 1 + random.Integer(16);
                    for (int k = 0; k < count; k++)
                        bytes.Insert(at, (byte)random.Integer(256));
                    break;
                default: // a length, a count or an offset
                    var number = new byte[8];
                    BinaryPrimitives.WriteUInt64LittleEndian(number, Extremes[random.Integer(Extremes.Length)]);
                    int size = 1 << random.Integer(4);
                    for (int k = 0; k < size && at + k < bytes.Count; k++)
                        bytes[at + k] = number[k];
                    break;
            }
        }

        return [.. bytes];
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
