using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>The JSON header of a safetensors file.</summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The reference implementation's limit, bytes.</summary>
    public const int MaxSize = 100_000_000;

    public const string MetadataKey = "__metadata__";

    /// <summary>Where one tensor's elements are, in bytes from the header's end.</summary>
    public readonly record struct Entry(string Name, TensorType Type, long[] Shape, long Begin, long End);

    /// <summary>The tensors, in the header's order.</summary>
    public List<Entry> Tensors { get; } = [];

    /// <summary>The text map, empty if there is none.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The order of names in the format: by their UTF-8 bytes.</summary>
    public static IComparer<string> Utf8Order { get; } = Comparer<string>.Create(
        (left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));

    /// <summary>The order of element types in the format, narrow to wide, which is the reference's.</summary>
    public static int Rank(TensorType type) => type switch
    {
        TensorType.Bool => 0,
        TensorType.UInt8 => 1,
        TensorType.Int8 => 2,
        TensorType.Int16 => 3,
        TensorType.Float16 => 4,
        TensorType.BFloat16 => 5,
        TensorType.Int32 => 6,
        TensorType.Float32 => 7,
        TensorType.Float64 => 8,
        TensorType.Int64 => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown tensor type."),
    };

    /// <summary>The header of tensors that follow each other, padded with spaces to eight bytes.</summary>
    public static byte[] Write(
        IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject(MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(item => item.Key, Utf8Order))
                    json.WriteString(CheckUnicode(key), CheckUnicode(value));
                json.WriteEndObject();
            }

            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors)
            {
                if (name == MetadataKey)
                    throw new ArgumentException($"No tensor in a safetensors file can have the name '{MetadataKey}'.");
                json.WriteStartObject(CheckUnicode(name));
                json.WriteString("dtype", NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (long axis in tensor.Shape)
                    json.WriteNumberValue(axis);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Data.LongLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        int padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenCount <= MaxSize
            ? buffer.WrittenSpan.ToArray()
            : throw new ArgumentException(
                $"A safetensors header has at most {MaxSize} bytes, these tensors would need {buffer.WrittenCount}.");
    }

    private static string CheckUnicode(string text) => StateDict.IsUnicode(text)
        ? text
        : throw new ArgumentException($"The name {FileText.Quote(text)} is not valid Unicode.");

    /// <summary>The format's name of an element type.</summary>
    public static string NameOf(TensorType type) => type switch
    {
        TensorType.Float32 => "F32",
        TensorType.Float64 => "F64",
        TensorType.Float16 => "F16",
        TensorType.BFloat16 => "BF16",
        TensorType.Int64 => "I64",
        TensorType.Int32 => "I32",
        TensorType.Int16 => "I16",
        TensorType.Int8 => "I8",
        TensorType.UInt8 => "U8",
        TensorType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown tensor type."),
    };
}
