using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Dqn.Serialization;

/// <summary>
/// A machine for the pickles of state dicts, and of nothing else. It builds plain values; it imports nothing and calls
/// nothing. An opcode or a global (an importable name) that a state dict does not need is an error that names it.
/// Source: CPython's <c>pickletools</c> for the opcodes, protocols 2 to 5.
/// </summary>
/// <param name="data">The bytes that hold the pickle, or several in a row.</param>
/// <param name="name">What the bytes are, for messages: data.pkl.</param>
internal sealed class PickleReader(byte[] data, string name)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];
    private int _opcodeOffset;

    /// <summary>Where the next pickle begins.</summary>
    public int Position { get; private set; }

    /// <summary>Reads one pickle, up to its STOP.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or holds what a state dict does not need.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            _opcodeOffset = Position;
            byte opcode = Bytes(1)[0];
            switch (opcode)
            {
                case 0x80: // PROTO
                    byte protocol = Bytes(1)[0];
                    if (protocol is < 2 or > 5)
                        throw Error($"pickle protocol {protocol} is not supported, only 2 to 5");
                    break;
                case 0x95: // FRAME: a hint about buffering
                    Bytes(8);
                    break;
                case (byte)'.': // STOP
                    object? result = Pop();
                    return _stack.Count == 0 && _marks.Count == 0 ? result : throw Error("STOP leaves values behind");
                case (byte)'(': // MARK
                    _marks.Add(_stack.Count);
                    break;
                case (byte)'N':
                    _stack.Add(null);
                    break;
                case 0x88: // NEWTRUE
                    _stack.Add(true);
                    break;
                case 0x89: // NEWFALSE
                    _stack.Add(false);
                    break;
                case (byte)'K': // BININT1
                    _stack.Add((long)Bytes(1)[0]);
                    break;
                case (byte)'M': // BININT2
                    _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                    break;
                case (byte)'J': // BININT
                    _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                    break;
                case 0x8A: // LONG1
                    var number = new BigInteger(Bytes(Bytes(1)[0]));
                    _stack.Add(number >= long.MinValue && number <= long.MaxValue ? (long)number : number);
                    break;
                case (byte)'G': // BINFLOAT
                    _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)));
                    break;
                case (byte)'X': // BINUNICODE
                    _stack.Add(Text(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                    break;
                case 0x8C: // SHORT_BINUNICODE
                case (byte)'U': // SHORT_BINSTRING: Python 2's str
                    _stack.Add(Text(Bytes(1)[0]));
                    break;
                case (byte)')': // EMPTY_TUPLE
                    _stack.Add(new PickleTuple([]));
                    break;
                case 0x85: // TUPLE1
                case 0x86: // TUPLE2
                case 0x87: // TUPLE3
                    _stack.Add(new PickleTuple(PopMany(_stack.Count - (opcode - 0x84))));
                    break;
                case (byte)'t': // TUPLE
                    _stack.Add(new PickleTuple(PopToMark()));
                    break;
                case (byte)']': // EMPTY_LIST
                    _stack.Add(new PickleList([]));
                    break;
                case (byte)'a': // APPEND
                    object? item = Pop();
                    Peek<PickleList>("a list").Items.Add(item);
                    break;
                case (byte)'e': // APPENDS
                    object?[] items = PopToMark();
                    Peek<PickleList>("a list").Items.AddRange(items);
                    break;
                case (byte)'}': // EMPTY_DICT
                    _stack.Add(new PickleDictionary());
                    break;
                case (byte)'s': // SETITEM
                    SetItems(PopMany(_stack.Count - 2));
                    break;
                case (byte)'u': // SETITEMS
                    SetItems(PopToMark());
                    break;
                case (byte)'q': // BINPUT
                    _memo[Bytes(1)[0]] = Peek();
                    break;
                case (byte)'r': // LONG_BINPUT
                    _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek();
                    break;
                case 0x94: // MEMOIZE
                    _memo[(uint)_memo.Count] = Peek();
                    break;
                case (byte)'h': // BINGET
                    _stack.Add(Recall(Bytes(1)[0]));
                    break;
                case (byte)'j': // LONG_BINGET
                    _stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                    break;
                case (byte)'c': // GLOBAL
                    _stack.Add(Global(Line(), Line()));
                    break;
                case 0x93: // STACK_GLOBAL
                    string globalName = Pop<string>("a global's name");
                    _stack.Add(Global(Pop<string>("a module's name"), globalName));
                    break;
                case (byte)'Q': // BINPERSID
                    _stack.Add(Storage(Pop<PickleTuple>("a storage's description").Items));
                    break;
                case (byte)'R': // REDUCE
                    object?[] arguments = Pop<PickleTuple>("arguments").Items;
                    _stack.Add(Reduce(Pop<PickleGlobal>("a global"), arguments));
                    break;
                case (byte)'b': // BUILD: state_dict() hangs its _metadata (module versions) on the dictionary
                    Pop<PickleDictionary>("a dictionary of attributes");
                    Peek<PickleDictionary>("a dictionary");
                    break;
                default:
                    throw Error($"opcode 0x{opcode:X2} is not supported: a state dict does not need it");
            }
        }
    }

    private PickleGlobal Global(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => new(GlobalKind.OrderedDict, default),
        ("torch._utils", "_rebuild_tensor_v2") => new(GlobalKind.RebuildTensor, default),
        ("torch._utils", "_rebuild_parameter") => new(GlobalKind.RebuildParameter, default),
        ("torch" or "torch.cuda", _) when TorchStorage.TryGetType(name, out TensorType type) =>
            new(GlobalKind.Storage, type),
        _ => throw Error(
            $"the global '{Shorten(module)}.{Shorten(name)}' is not supported: only tensors of known types in a " +
            "state dict are read, no other Python objects (save with torch.save(model.state_dict(), …))"),
    };

    private object Reduce(PickleGlobal global, object?[] arguments)
    {
        switch (global.Kind, arguments)
        {
            case (GlobalKind.OrderedDict, []):
                return new PickleDictionary();
            // requires_grad and hooks follow; newer versions add a dictionary of flags (conjugate, negative).
            case (GlobalKind.RebuildTensor,
                [StorageReference storage, long offset, PickleTuple size, PickleTuple stride, _, _, .. var flags])
                when flags is [] or [PickleDictionary { Items.Count: 0 }]:
                long[] shape = Integers(size);
                long[] strides = Integers(stride);
                if (strides.Length != shape.Length || shape.Length > TensorShape.MaxAxes)
                {
                    throw Error(
                        $"a tensor with {shape.Length} axes and {strides.Length} strides; expected as many, at most " +
                        $"{TensorShape.MaxAxes}");
                }

                return new TensorReference(storage, offset, shape, strides);
            case (GlobalKind.RebuildParameter, [TensorReference tensor, bool, PickleDictionary]):
                return tensor;
            default:
                throw Error($"a {global.Kind} with arguments that a state dict does not have");
        }
    }

    private StorageReference Storage(object?[] id)
    {
        if (id is not ["storage", PickleGlobal { Kind: GlobalKind.Storage } type, string key, string, long count, ..])
            throw Error("expected the description of a storage (\"storage\", type, key, location, number of elements)");
        return id[5..] switch
        {
            [] or [null] => new(type.Element, key, count, 0, count),
            // Files of early versions: a storage that is a part of another one.
            [PickleTuple { Items: [string, long start, long length] }] when start >= 0 && length >= 0
                && start <= count && length <= count - start => new(type.Element, key, length, start, count),
            _ => throw Error("a storage with a view that does not lie inside it"),
        };
    }

    private long[] Integers(PickleTuple tuple)
    {
        var values = new long[tuple.Items.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = tuple.Items[i] is long value ? value : throw Error("expected a tuple of integers");
        return values;
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Error("a key without a value");
        PickleDictionary dictionary = Peek<PickleDictionary>("a dictionary");
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Add(items[i], items[i + 1]);
    }

    private object? Recall(uint index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw Error($"the memo has no entry {index}");

    // A mark hides what lies below it until it is taken away.
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Error("nothing on the stack");

    private T Peek<T>(string expected)
        where T : class => Peek() as T ?? throw Error($"expected {expected} on the stack");

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string expected)
        where T : class => Pop() as T ?? throw Error($"expected {expected} on the stack");

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Error("no mark on the stack");
        int start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopMany(start);
    }

    private object?[] PopMany(int start)
    {
        if (start < Floor)
            throw Error("too few values on the stack");
        var items = new object?[_stack.Count - start];
        _stack.CopyTo(start, items, 0, items.Length);
        _stack.RemoveRange(start, items.Length);
        return items;
    }

    private ReadOnlySpan<byte> Bytes(uint count)
    {
        if (count > data.Length - Position)
            throw Error($"{count} bytes should follow, but {data.Length - Position} are left: truncated or damaged");
        ReadOnlySpan<byte> bytes = data.AsSpan(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    private string Text(uint length) => Decode(Bytes(length));

    private string Line()
    {
        int length = data.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
            throw Error("a global's name without an end");
        string line = Decode(Bytes((uint)length));
        Position++;
        return line;
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Error("text that is not UTF-8");
        }
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : $"{text[..100]}…";

    private InvalidDataException Error(string message) => new($"{name}, offset {_opcodeOffset}: {message}.");
}
