using System.Buffers.Binary;
using System.Text.Json;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

/// <summary>State dicts that several tests use, and their comparison.</summary>
internal static class StateDicts
{
    /// <summary>Two tensors: w, Float32 [2, 3], and n, Int64 [].</summary>
    public static StateDict Small() => new()
    {
        { "w", Tensor.FromSingles([1, 2, 3, 4, 5, 6], 2, 3) },
        { "n", new Tensor(TensorType.Int64, [], [70, 0, 0, 0, 0, 0, 0, 0]) },
    };

    /// <summary>The golden one, from the measured values and not from a reader.</summary>
    public static StateDict Mixed()
    {
        var result = new StateDict();
        using var document = JsonDocument.Parse(GoldenFiles.ReadBytes("learning/mixed-state-dict.json"));
        foreach (JsonProperty item in document.RootElement.EnumerateObject())
        {
            long[] shape = [.. item.Value.GetProperty("shape").EnumerateArray().Select(axis => axis.GetInt64())];
            double[] values = [.. item.Value.GetProperty("value").EnumerateArray().Select(value => value.GetDouble())];
            (TensorType type, Func<double, byte[]> encode) = Encoding(item.Value.GetProperty("dtype").GetString()!);
            result.Add(item.Name, new Tensor(type, [.. shape], [.. values.SelectMany(encode)]));
        }

        return result;
    }

    public static byte[] ToPyTorch(StateDict stateDict)
    {
        using var stream = new MemoryStream();
        PyTorchFile.Write(stream, stateDict);
        return stream.ToArray();
    }

    public static byte[] ToSafeTensors(StateDict stateDict, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafeTensorsFile.Write(stream, stateDict, metadata);
        return stream.ToArray();
    }

    /// <summary>Asserts the same names, in the same order if asked, with the same types, shapes and bytes.</summary>
    public static void AssertEqual(StateDict actual, StateDict expected, bool inOrder = true)
    {
        Assert.That(actual.Names, inOrder ? Is.EqualTo(expected.Names) : Is.EquivalentTo(expected.Names));
        foreach ((string name, Tensor tensor) in expected)
            Assert.That(Text(actual[name]), Is.EqualTo(Text(tensor)), name);

        static string Text(Tensor tensor) => $"{tensor}: {Convert.ToHexString(tensor.Data)}";
    }

    private static (TensorType Type, Func<double, byte[]> Encode) Encoding(string dtype) => dtype switch
    {
        "torch.float32" => (TensorType.Float32, value => Bytes(4, bytes =>
            BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value))),
        "torch.float64" => (TensorType.Float64, value => Bytes(8, bytes =>
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value))),
        "torch.float16" => (TensorType.Float16, value => Bytes(2, bytes =>
            BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value))),
        "torch.bfloat16" => (TensorType.BFloat16, value =>
            Bytes(4, bytes => BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value))[2..]),
        "torch.int64" => (TensorType.Int64, value => Bytes(8, bytes =>
            BinaryPrimitives.WriteInt64LittleEndian(bytes, (long)value))),
        "torch.uint8" => (TensorType.UInt8, value => [(byte)value]),
        "torch.bool" => (TensorType.Bool, value => [(byte)value]),
        _ => throw new NotSupportedException(dtype),
    };

    private static byte[] Bytes(int count, Action<byte[]> write)
    {
        var bytes = new byte[count];
        write(bytes);
        return bytes;
    }
}
