using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class PyTorchFileTests
{
    [TestCase("learning/mixed-state-dict.pt")]
    [TestCase("learning/mixed-state-dict-legacy.pt")]
    public void Reads_what_PyTorch_saved(string file) =>
        StateDicts.AssertEqual(PyTorchFile.Read(GoldenFiles.PathOf(file)), StateDicts.Mixed());

    [Test]
    public void Reads_the_network_of_the_notebook()
    {
        StateDict stateDict = PyTorchFile.Read(GoldenFiles.PathOf("learning/cnn-action-value.pt"));
        string[] expected =
        [
            "conv1.weight [32, 4, 8, 8]", "conv1.bias [32]", "conv2.weight [64, 32, 4, 4]", "conv2.bias [64]",
            "conv3.weight [64, 64, 3, 3]", "conv3.bias [64]", "fc1.weight [512, 3136]", "fc1.bias [512]",
            "fc2.weight [5, 512]", "fc2.bias [5]",
        ];
        Assert.That(stateDict.Select(item => $"{item.Key} {Tensor.Format(item.Value.Shape)}"), Is.EqualTo(expected));
        ulong k = 0;
        foreach ((string name, Tensor tensor) in stateDict)
        {
            // The formula of the golden files' description, for network 1.
            double fan = (double)(tensor.Shape.Length == 1 ? tensor.Count : tensor.Count / tensor.Shape[0]);
            float[] values = tensor.ToSingles();
            int wrong = 0;
            for (int i = 0; i < values.Length; i++)
            {
                double u = (Mix((ulong)i + ((16 + k) << 32)) >> 11) * (1.0 / (1UL << 53));
                if (values[i] != (float)(((2 * u) - 1) * Math.Sqrt(3 / fan)))
                    wrong++;
            }

            Assert.That(wrong, Is.Zero, name);
            k++;
        }

        static ulong Mix(ulong z)
        {
            z = (z * 0x9E3779B97F4A7C15) + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    [Test]
    public void What_is_written_reads_back()
    {
        StateDict mixed = StateDicts.Mixed();
        mixed.Add("ünï 😀", Tensor.FromSingles([1, 2], 2, 1, 1));
        mixed.Add("", Tensor.FromSingles(new float[70_000], 70_000));
        byte[] bytes = StateDicts.ToPyTorch(mixed);
        StateDicts.AssertEqual(PyTorchFile.Read(new MemoryStream(bytes)), mixed);
        Assert.That(StateDicts.ToPyTorch(PyTorchFile.Read(new MemoryStream(bytes))), Is.EqualTo(bytes));
    }

    [Test]
    public void An_empty_state_dict_is_one() =>
        Assert.That(PyTorchFile.Read(new MemoryStream(StateDicts.ToPyTorch([]))), Is.Empty);

    [Test]
    public void A_stream_may_begin_anywhere_and_need_not_seek()
    {
        byte[] bytes = StateDicts.ToPyTorch(StateDicts.Small());
        using var shifted = new MemoryStream([1, 2, 3, .. bytes]) { Position = 3 };
        StateDicts.AssertEqual(PyTorchFile.Read(shifted), StateDicts.Small());

        using var compressed = new MemoryStream();
        using (var compress = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            PyTorchFile.Write(compress, StateDicts.Small());
        compressed.Position = 0;
        using var decompress = new DeflateStream(compressed, CompressionMode.Decompress);
        StateDicts.AssertEqual(PyTorchFile.Read(decompress), StateDicts.Small());
    }

    [Test]
    public void Tied_tensors_are_stored_once_and_stay_tied()
    {
        Tensor tensor = Tensor.FromSingles(new float[1000], 1000);
        var reshaped = new Tensor(TensorType.Float32, [10, 100], tensor.Data);
        byte[] bytes = StateDicts.ToPyTorch(new StateDict { { "a", tensor }, { "b", reshaped } });
        StateDict read = PyTorchFile.Read(new MemoryStream(bytes));
        Assert.Multiple(() =>
        {
            Assert.That(bytes, Has.Length.LessThan(6000));
            Assert.That(read["b"].Data, Is.SameAs(read["a"].Data));
            Assert.That(read["b"].Shape, Is.EqualTo(new long[] { 10, 100 }));
        });
    }

    // torch.load (1.13), also with weights_only=True, was seen to accept such files; these pin their bytes.
    [Test]
    public void The_archive_is_laid_out_as_PyTorch_maps_it()
    {
        byte[] bytes = StateDicts.ToPyTorch(StateDicts.Small());
        using var archive = new ZipArchive(new MemoryStream(bytes));
        string[] entries =
        [
            "archive/data.pkl 293 293", "archive/byteorder 6 6", "archive/data/0 24 24", "archive/data/1 8 8",
            "archive/version 2 2",
        ];
        Assert.That(archive.Entries.Select(entry => $"{entry.FullName} {entry.Length} {entry.CompressedLength}"),
            Is.EqualTo(entries));
        byte[] content = new byte[24];
        archive.GetEntry("archive/data/0")!.Open().ReadExactly(content);
        Assert.That(content, Is.EqualTo(StateDicts.Small()["w"].Data));

        int headers = 0;
        for (int at = 0; BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) == 0x04034B50; headers++)
        {
            int start = at + 30 + U16(at + 26) + U16(at + 28);
            Assert.That(start % 64, Is.Zero);
            at = start + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 18));
        }

        Assert.That(headers, Is.EqualTo(5));
        int U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));
    }

    [Test]
    public void The_bytes_of_a_small_file_are_pinned()
    {
        byte[] bytes = StateDicts.ToPyTorch(StateDicts.Small());
        var zip = new ZipReader(new ByteSource(new MemoryStream(bytes)));
        byte[] pickle = zip.Read("archive/data.pkl");
        Assert.Multiple(() =>
        {
            Assert.That(Encoding.Latin1.GetString(pickle), Does.StartWith(
                "\u0080\u0002ccollections\nOrderedDict\n)R(X\u0001\0\0\0w" +
                "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storage" +
                "ctorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0006tQ" +
                "K\0(K\u0002K\u0003t(K\u0003K\u0001t\u0089" +
                "ccollections\nOrderedDict\n)RtRX\u0001\0\0\0n"));
            Assert.That(Convert.ToHexString(SHA256.HashData(pickle)), Does.StartWith("BBBF2EB49ACE6155"));
            Assert.That(Convert.ToHexString(SHA256.HashData(bytes)), Does.StartWith("BF7A19F87CD00E1F"));
        });
    }

    [Test]
    public void Deflated_and_big_endian_archives_are_read()
    {
        byte[] Rezip(Func<string, byte[], byte[]> edit)
        {
            using var target = new MemoryStream();
            using var source = new ZipArchive(new MemoryStream(GoldenFiles.ReadBytes("learning/mixed-state-dict.pt")));
            using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (ZipArchiveEntry entry in source.Entries)
                {
                    using var content = new MemoryStream();
                    using (Stream stream = entry.Open())
                        stream.CopyTo(content);
                    using Stream copy = archive.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open();
                    copy.Write(edit(entry.Name, content.ToArray()));
                }

                using Stream byteOrder = archive.CreateEntry("mixed-state-dict/byteorder").Open();
                byteOrder.Write(edit("byteorder", "little"u8.ToArray()));
            }

            return target.ToArray();
        }

        StateDicts.AssertEqual(PyTorchFile.Read(new MemoryStream(Rezip((_, content) => content))), StateDicts.Mixed());

        int[] sizes = [4, 4, 8, 2, 8, 2, 1, 1, 4, 4, 4, 4]; // of the elements of storages 0 … 11
        byte[] big = Rezip((name, content) => name == "byteorder"
            ? "big"u8.ToArray()
            : int.TryParse(name, out int key)
            ? [.. content.Chunk(sizes[key]).SelectMany(element => element.Reverse())]
            : content);
        StateDicts.AssertEqual(PyTorchFile.Read(new MemoryStream(big)), StateDicts.Mixed());

        byte[] middle = Rezip((name, content) => name == "byteorder" ? "middle"u8.ToArray() : content);
        Assert.That(() => PyTorchFile.Read(new MemoryStream(middle)), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("'middle'"));
    }

    [Test]
    public void One_changed_bit_of_an_element_is_reported()
    {
        byte[] bytes = StateDicts.ToPyTorch(StateDicts.Small());
        int at = bytes.AsSpan().IndexOf(StateDicts.Small()["w"].Data);
        bytes[at + 5] ^= 0x10;
        Assert.That(() => PyTorchFile.Read(new MemoryStream(bytes)), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("checksum of ZIP entry 'archive/data/0'"));
    }

    [Test]
    public void Names_that_are_no_Unicode_are_refused() => Assert.That(
        () => StateDicts.ToPyTorch(new StateDict { { "a\ud800", Tensor.FromSingles([1]) } }),
        Throws.ArgumentException.With.Message.Contains("Unicode"));
}
