using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Dqn.Fuzz;
using Dqn.Media;
using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Tests.Media;

namespace Dqn.Tests.Serialization;

/// <summary>
/// Small files that describe much: each is refused, with a short message, before it makes us allocate more than 64 MiB
/// and ten times its length.
/// </summary>
public class HostileFilesTests
{
    // Six numbers, in memo 0.
    private const string OneTensor =
        "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0006tQ" +
        "K\0K\u0003K\u0002\u0086K\u0002K\u0001\u0086\u0089ccollections\nOrderedDict\n)RtRq\0";

    [TestCase("]", 2_000_000)]
    [TestCase("}", 2_000_000)]
    [TestCase("K\u0007", 3_000_000)]
    [TestCase("(", 8_000_000)]
    [TestCase(")\u0094", 1_000_000)]
    [TestCase("G\0\0\0\0\0\0\0\0", 2_000_000)]
    [TestCase("(t", 1_000_000)]
    [TestCase("X\u0001\0\0\0a", 2_000_000)]
    [TestCase("\u008a\u0001\u0001", 1_000_000)]
    [TestCase("ca\nb\n", 1_000_000)]
    [TestCase("]K\u0001a", 1_000_000)]
    [TestCase("}K\u0001K\u0001s", 1_000_000)]
    [TestCase("ca\nb\n)R", 1_000_000)]
    public void A_deflated_pickle_of_many_values(string piece, int times) => Refuses(
        Deflated($"\u0080\u0002{string.Concat(Enumerable.Repeat(piece, times))}."),
        bytes => PyTorchFile.Read(new MemoryStream(bytes)), "memory");

    [Test]
    public void Many_names_for_one_tensor()
    {
        var pickle = new StringBuilder($"\u0080\u0002}}({OneTensor}0");
        for (int i = 0; i < 300_000; i++)
            pickle.Append($"X\u0007\0\0\0{i:d7}h\0");
        Refuses(Deflated($"{pickle}u."), bytes => PyTorchFile.Read(new MemoryStream(bytes)), "100000 tensors", "memory");
    }

    [Test]
    public void Many_state_dicts_under_a_long_name()
    {
        string key = new('k', 4000);
        var pickle = new StringBuilder($"\u0080\u0002}}X\u00a0\u000f\0\0{key}}}({OneTensor}0");
        for (int i = 0; i < 30_000; i++)
            pickle.Append($"X\u0005\0\0\0{i:d5}}}X\u0001\0\0\0wh\0s");
        Refuses(Deflated($"{pickle}us."), bytes => PyTorchFile.Read(new MemoryStream(bytes)), "memory");
    }

    [Test]
    public void Many_networks_of_one_tensor()
    {
        var pickle = new StringBuilder($"\u0080\u0002}}({OneTensor}0");
        for (int i = 0; i < 3000; i++)
            pickle.Append($"X\u0010\0\0\0n{i:d5}.fc.weighth\0");
        Refuses(Deflated($"{pickle}u."), ReadNetwork, "memory", "networks");
    }

    [Test]
    public void A_header_of_many_tensors()
    {
        var header = new StringBuilder("{");
        for (int i = 0; i < 200_000; i++)
            header.Append($$"""{{(i == 0 ? "" : ",")}}"{{i:x}}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}""");
        Refuses(SafeTensors($"{header}}}"), bytes => SafeTensorsFile.Read(new MemoryStream(bytes)), "100000 tensors");
    }

    [Test]
    public void A_name_of_five_million_characters()
    {
        string name = new('n', 5_000_000);
        Refuses(SafeTensors($$"""{"{{name}}":3}"""), bytes => SafeTensorsFile.Read(new MemoryStream(bytes)), "names of");
        Refuses(
            SafeTensors($$$"""{"a":{"{{{name}}}":3}}"""), bytes => SafeTensorsFile.Read(new MemoryStream(bytes)),
            "names of");
        Refuses(
            SafeTensors($$$"""{"a":{"dtype":"{{{name}}}"}}"""), bytes => SafeTensorsFile.Read(new MemoryStream(bytes)),
            "not supported");
    }

    [Test]
    public void A_picture_a_thousand_times_as_large_as_its_data()
    {
        byte[] header = [0, 0, 0x80, 0, 0, 0, 0x10, 0, 8, 2, 0, 0, 0]; // 32768 × 4096 RGB: 384 MiB
        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int i = 0; i < 4096; i++)
                zlib.Write(new byte[1 + (32768 * 3)]);
        }

        byte[] file = PngTests.Assemble(("IHDR", header), ("IDAT", data.ToArray()), ("IEND", []));
        Refuses(file, bytes => PngImage.Read(new MemoryStream(bytes)), "would take");
    }

    [Test]
    public void A_network_that_is_small_in_the_file_and_large_at_work()
    {
        const int layers = 600;
        var weights = new StateDict();
        var text = new StringBuilder("""{"observation":[1,300,300],"pixels":true,"layers":[""");
        for (int i = 0; i < layers; i++)
        {
            weights.Add($"c{i}.weight", Tensor.FromSingles([1], 1, 1, 1, 1));
            weights.Add($"c{i}.bias", Tensor.FromSingles([1], 1));
            text.Append($$"""{"layer":"Conv2d","name":"c{{i}}","filters":1,"kernelSize":1},""");
        }

        weights.Add("q.weight", Tensor.FromSingles(new float[90_000], 1, 90_000));
        weights.Add("q.bias", Tensor.FromSingles([1], 1));
        text.Append("""{"layer":"Flatten"},{"layer":"Linear","name":"q","features":1}]}""");
        Refuses(Network(weights, text.ToString()), ReadNetwork, "The network and its first evaluation would take");
    }

    [Test]
    public void More_filters_than_numbers_can_count()
    {
        const int filters = 310_000;
        var weights = new StateDict
        {
            { "c.weight", Tensor.FromSingles(new float[filters], filters, 1, 1, 1) },
            { "c.bias", Tensor.FromSingles(new float[filters], filters) },
            { "q.weight", Tensor.FromSingles(new float[1], 1, 1) },
            { "q.bias", Tensor.FromSingles([1], 1) },
        };
        const string text = """
            {"observation":[1,84,84],"pixels":true,"layers":[
            {"layer":"Conv2d","name":"c","filters":310000,"kernelSize":1},
            {"layer":"Flatten"},{"layer":"Linear","name":"q","features":1}]}
            """;
        Refuses(Network(weights, text), ReadNetwork, "numbers after it");
    }

    [TestCase("""{"observation":[2147483647,2147483647,2147483647],"pixels":true,"layers":[{"layer":"Flatten"}]}""")]
    [TestCase("""{"observation":[4],"pixels":false,"layers":[{"layer":"Linear","name":"q","features":-1}]}""")]
    [TestCase("""{"observation":[4],"pixels":false,"layers":[{"layer":"Linear","name":"q","features":1e99}]}""")]
    [TestCase("""{"observation":[4],"pixels":false,"layers":[{"layer":"Linear","name":"q","features":1}],"\u001b[2J":1}""")]
    [TestCase("""{"observation":[4],"pixels":false,"layers":[{"layer":"Linear","name":"q","features":1}],"distribution":{"kind":"Quantile","atoms":9999999}}""")]
    public void An_architecture_that_cannot_be(string text) => Refuses(
        Network(new StateDict { { "q.weight", Tensor.FromSingles([1], 1, 1) } }, text), ReadNetwork, "architecture");

    [Test]
    public void An_architecture_of_many_layers()
    {
        string text = "{\"layers\":[" + string.Concat(Enumerable.Repeat("{\"layer\":\"Relu\"},", 100_000)) + "null]}";
        Refuses(Network([], text), ReadNetwork, "architecture");
    }

    [Test]
    public void Text_of_a_file_is_escaped_and_cut()
    {
        string[] names = ["\u001b[2J", "\u202eabc", "\u0007", new string('x', 4000), "a\nb"];
        foreach (string name in names)
        {
            byte[] file = StateDicts.ToSafeTensors(new StateDict { { name, Tensor.FromSingles([float.NaN], 1) } });
            Exception? thrown = Refuses(file, ReadNetwork, "Expected");
            Assert.That(thrown!.Message.Any(character => char.IsControl(character) || character == '\u202e'), Is.False);
        }

        var loaded = StateDicts.ToSafeTensors(new StateDict { { "\u001b[2J", Tensor.FromSingles([1], 1) } });
        StateDict read = SafeTensorsFile.Read(new MemoryStream(loaded));
        Assert.That(
            () => read["other"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains(@"'\u{1B}[2J'"));
    }

    [TestCase(float.NaN, "NaN at [0, 1]")]
    [TestCase(float.PositiveInfinity, "Infinity at [0, 1]")]
    [TestCase(float.NegativeInfinity, "-Infinity at [0, 1]")]
    public void A_number_that_is_not_finite_is_refused_with_its_tensor(float value, string message)
    {
        var weights = new StateDict
        {
            { "q.weight", Tensor.FromSingles([1, value], 1, 2) }, { "q.bias", Tensor.FromSingles([1], 1) },
        };
        const string text =
            """{"observation":[2],"pixels":false,"layers":[{"layer":"Linear","name":"q","features":1}]}""";
        foreach (byte[] file in new[] { StateDicts.ToPyTorch(weights), Network(weights, text) })
            Refuses(file, ReadNetwork, $"Tensor 'q.weight': expected finite numbers, got {message}");
        using var network = new QNetwork(
            new Sequential([2], pixels: false, [new Linear("q", 1)]), new Dqn.Randomness.Pcg64(1));
        Assert.That(() => network.LoadStateDict(weights), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That(network.GetStateDict()["q.weight"].ToSingles(), Has.All.InRange(-1, 1));
    }

    [Test]
    public void A_double_beyond_single_precision_is_not_finite()
    {
        var weights = new StateDict
        {
            { "q.weight", new Tensor(TensorType.Float64, [1, 2], [.. BitConverter.GetBytes(1e300), .. new byte[8]]) },
            { "q.bias", Tensor.FromSingles([1], 1) },
        };
        Refuses(StateDicts.ToPyTorch(weights), ReadNetwork, "'q.weight': expected finite numbers");
    }

    /// <summary>Reads a file that is refused with one of the messages, and what was thrown.</summary>
    private static Exception? Refuses(byte[] file, Action<byte[]> read, params string[] messages)
    {
        Exception? thrown = null;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(file);
        }
        catch (Exception exception)
        {
            thrown = exception;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(thrown, Is.TypeOf<InvalidDataException>());
        Assert.That(messages.Any(thrown!.Message.Contains), thrown.Message);
        Assert.That(thrown.Message, Has.Length.LessThan(1500));
        Assert.That(allocated, Is.LessThan((64L << 20) + (10L * file.Length)));
        return thrown;
    }

    private static void ReadNetwork(byte[] file) => NetworkFile.Read(
        new MemoryStream(file), [new Sequential([2], pixels: false, [new Linear("q", 1)]),
            new Sequential([1, 300, 300], pixels: true, [new Flatten(), new Linear("q", 1)]),
            new Sequential([1, 84, 84], pixels: true, [new Flatten(), new Linear("q", 1)])],
        new NetworkFileOptions()).Dispose();

    private static byte[] Network(StateDict weights, string architecture) => StateDicts.ToSafeTensors(
        weights, new Dictionary<string, string> { ["architecture"] = architecture });

    private static byte[] SafeTensors(string header)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return [.. length, .. text];
    }

    private static byte[] Deflated(string pickle)
    {
        byte[] file = StateDicts.ToPyTorch(StateDicts.Small());
        return Archives.WithPickle(file, _ => Encoding.Latin1.GetBytes(pickle), deflated: true);
    }
}
