using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Dqn.Serialization;

/// <summary>The JSON header of a safetensors file.</summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>The reference implementation's limit, bytes.</summary>
    public const int MaxSize = 100_000_000;

    private const string MetadataKey = "__metadata__";

    /// <summary>Where one tensor's elements are, in bytes from the header's end.</summary>
    public sealed record Entry(string Name, TensorType Type, long[] Shape, long Begin, long End);

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

    /// <summary>Parses a header and checks its structure, but not the tensors' places.</summary>
    /// <exception cref="InvalidDataException">It is no such header.</exception>
    public static SafeTensorsHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [(byte)'{', ..] || !Utf8.IsValid(bytes))
            throw new InvalidDataException("Expected a safetensors header: UTF-8 text that begins with '{'.");
        var header = new SafeTensorsHeader();
        var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            header.Parse(ref json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: an escape such as \ud800 that is half a character.
            throw new InvalidDataException($"The safetensors header is no valid JSON: {e.Message}", e);
        }

        return header;
    }

    private void Parse(ref Utf8JsonReader json)
    {
        json.Read();
        Expect(ref json, JsonTokenType.StartObject, "an object");
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            if (!names.Add(name))
                throw new InvalidDataException($"The safetensors header has the name '{name}' twice.");
            json.Read();
            Expect(ref json, JsonTokenType.StartObject, $"an object as '{name}'");
            if (name == MetadataKey)
                ParseMetadata(ref json);
            else
                Tensors.Add(ParseTensor(ref json, name));
        }

        // Makes the JSON reader report what follows the object, if anything but spaces does.
        json.Read();
    }

    private void ParseMetadata(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            json.Read();
            Expect(ref json, JsonTokenType.String, $"text as '{key}' of '{MetadataKey}'");
            if (!Metadata.TryAdd(key, json.GetString()!))
                throw new InvalidDataException($"'{MetadataKey}' has the name '{key}' twice.");
        }
    }

    private static Entry ParseTensor(ref Utf8JsonReader json, string name)
    {
        TensorType? type = null;
        long[]? shape = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string key = json.GetString()!;
            json.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    Expect(ref json, JsonTokenType.String, $"text as dtype of '{name}'");
                    type = TypeOf(json.GetString()!, name);
                    break;
                case "shape" when shape is null:
                    shape = ParseIntegers(ref json, $"shape of '{name}'");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ParseIntegers(ref json, $"data_offsets of '{name}'");
                    break;
                default:
                    throw new InvalidDataException(
                        $"Expected dtype, shape and data_offsets, once each, for tensor '{name}', got '{key}'.");
            }
        }

        return type is { } known && shape is not null && offsets is [long begin, long end]
            ? new Entry(name, known, shape, begin, end)
            : throw new InvalidDataException($"Expected dtype, shape and two data_offsets for tensor '{name}'.");
    }

    private static long[] ParseIntegers(ref Utf8JsonReader json, string what)
    {
        Expect(ref json, JsonTokenType.StartArray, $"an array as {what}");
        var values = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.Number, $"numbers in {what}");
            if (!json.TryGetInt64(out long value) || value < 0 || values.Count == TensorShape.MaxAxes)
            {
                throw new InvalidDataException(
                    $"Expected at most {TensorShape.MaxAxes} integers, none negative, in {what}.");
            }

            values.Add(value);
        }

        return [.. values];
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type, string what)
    {
        if (json.TokenType != type)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"Expected {what} in the safetensors header at byte {json.TokenStartIndex}, got {json.TokenType}."));
        }
    }

    private static string CheckUnicode(string text) => StateDict.IsUnicode(text)
        ? text
        : throw new ArgumentException($"The name '{text}' is not valid Unicode.");

    private static string NameOf(TensorType type) => type switch
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

    private static TensorType TypeOf(string dtype, string tensor)
    {
        foreach (TensorType type in Enum.GetValues<TensorType>())
            if (NameOf(type) == dtype)
                return type;
        throw new InvalidDataException(
            $"The element type '{dtype}' of tensor '{tensor}' is not supported; supported are " +
            $"{string.Join(", ", Enum.GetValues<TensorType>().Select(NameOf))}.");
    }
}
