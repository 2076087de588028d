using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>Reads the JSON header of a safetensors file, token by token, and checks its structure.</summary>
internal sealed class SafeTensorsHeaderReader
{
    private readonly MemoryBudget _budget;
    private readonly TensorCount _count;
    private readonly SafeTensorsHeader _header = new();
    private readonly List<long> _integers = [];

    private SafeTensorsHeaderReader(MemoryBudget budget) => (_budget, _count) = (budget, new TensorCount(budget));

    /// <summary>Reads a header; where the tensors are is not checked.</summary>
    /// <exception cref="InvalidDataException">It is no such header, or takes more memory than it may.</exception>
    public static SafeTensorsHeader Read(ReadOnlySpan<byte> bytes, MemoryBudget budget)
    {
        if (bytes is not [(byte)'{', ..] || !Utf8.IsValid(bytes))
            throw new InvalidDataException("Expected a safetensors header: UTF-8 text that begins with '{'.");
        var reader = new SafeTensorsHeaderReader(budget);
        var json = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            reader.Read(ref json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: an escape such as \ud800 that is half a character.
            throw new InvalidDataException(
                $"The safetensors header is no valid JSON: {FileText.Plain(e.Message)}", e);
        }

        return reader._header;
    }

    private void Read(ref Utf8JsonReader json)
    {
        json.Read();
        Expect(ref json, JsonTokenType.StartObject, "an object");
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            CountName(ref json);
            string name = json.GetString()!;
            if (!names.Add(name))
                throw new InvalidDataException($"The safetensors header has the name {FileText.Quote(name)} twice.");
            json.Read();
            if (name == SafeTensorsHeader.MetadataKey && json.TokenType == JsonTokenType.Null)
                continue;
            Expect(ref json, JsonTokenType.StartObject, "an object", name);
            if (name == SafeTensorsHeader.MetadataKey)
                ReadMetadata(ref json);
            else
                _header.Tensors.Add(ReadTensor(ref json, name));
        }

        // Makes the JSON reader report what follows the object, if anything but spaces does.
        json.Read();
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            CountName(ref json);
            string key = json.GetString()!;
            json.Read();
            Expect(ref json, JsonTokenType.String, "text", key);
            _budget.Take((2 * json.ValueSpan.Length) + MemoryBudget.Object, "Metadata", key);
            if (!_header.Metadata.TryAdd(key, json.GetString()!))
            {
                throw new InvalidDataException(
                    $"'{SafeTensorsHeader.MetadataKey}' has the name {FileText.Quote(key)} twice.");
            }
        }
    }

    private SafeTensorsHeader.Entry ReadTensor(ref Utf8JsonReader json, string name)
    {
        TensorType? type = null;
        long[]? shape = null, offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (type is null && json.ValueTextEquals("dtype"u8))
            {
                type = ReadType(ref json, name);
            }
            else if (shape is null && json.ValueTextEquals("shape"u8))
            {
                shape = ReadIntegers(ref json, "shape", name);
            }
            else if (offsets is null && json.ValueTextEquals("data_offsets"u8))
            {
                offsets = ReadIntegers(ref json, "data_offsets", name);
            }
            else
            {
                CountName(ref json);
                throw new InvalidDataException(
                    $"Expected dtype, shape and data_offsets, once each, for tensor {FileText.Quote(name)}, got " +
                    $"{FileText.Quote(json.GetString()!)}.");
            }
        }

        return type is { } known && shape is not null && offsets is [long begin, long end]
            ? new SafeTensorsHeader.Entry(name, known, shape, begin, end)
            : throw new InvalidDataException(
                $"Expected dtype, shape and two data_offsets for tensor {FileText.Quote(name)}.");
    }

    private static TensorType ReadType(ref Utf8JsonReader json, string name)
    {
        json.Read();
        Expect(ref json, JsonTokenType.String, "text as dtype", name, "of");
        for (TensorType type = 0; Enum.IsDefined(type); type++)
        {
            if (json.ValueTextEquals(SafeTensorsHeader.NameOf(type)))
                return type;
        }

        string dtype = json.ValueSpan.Length <= TensorCount.MaxNameLength ? json.GetString()! : "very long";
        throw new InvalidDataException(
            $"The element type {FileText.Quote(dtype)} of tensor {FileText.Quote(name)} is not supported; supported " +
            $"are {string.Join(", ", Enum.GetValues<TensorType>().Select(SafeTensorsHeader.NameOf))}.");
    }

    private long[] ReadIntegers(ref Utf8JsonReader json, string what, string name)
    {
        json.Read();
        Expect(ref json, JsonTokenType.StartArray, $"an array as {what}", name, "of");
        _integers.Clear();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.Number, $"numbers in {what}", name, "of");
            if (!json.TryGetInt64(out long value) || value < 0 || _integers.Count == TensorShape.MaxAxes)
            {
                throw new InvalidDataException(
                    $"Expected at most {TensorShape.MaxAxes} integers, none negative, in {what} of " +
                    $"{FileText.Quote(name)}.");
            }

            _integers.Add(value);
        }

        _budget.Take(sizeof(long) * _integers.Count, "A shape");
        return [.. _integers];
    }

    // A name in JSON is at most as long as its bytes there.
    private void CountName(ref Utf8JsonReader json) => _count.Next(json.ValueSpan.Length);

    private static void Expect(
        ref Utf8JsonReader json, JsonTokenType type, string what, string? name = null, string joint = "as")
    {
        if (json.TokenType != type)
        {
            string end = name is null ? "" : $" {joint} {FileText.Quote(name)}";
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"Expected {what}{end} in the safetensors header at byte {json.TokenStartIndex}, got {json.TokenType}."));
        }
    }
}
