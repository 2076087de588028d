using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Unicode;
using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// A machine for pickles that hold state dicts. It builds plain values; it imports nothing and calls nothing: what it
/// does not know is skipped and stands as a <see cref="PickleOpaque"/>. Source: CPython's <c>pickletools</c> for the
/// opcodes, those that Python writes in protocols 2 to 5.
/// </summary>
internal sealed class PickleReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private static readonly object True = true, False = false;
    private static readonly PickleTuple EmptyTuple = new([]);
    private static readonly PickleOpaque Binary = new("bytes"), Set = new("set");

    private readonly byte[] _data;
    private readonly string _name;
    private readonly PickleStack _stack;
    private readonly PickleCalls _calls;
    private int _opcodeOffset;

    /// <summary>Makes a reader.</summary>
    /// <param name="data">The bytes that hold the pickle, or several in a row.</param>
    /// <param name="name">What the bytes are, for messages: data.pkl.</param>
    /// <param name="budget">What the values may take.</param>
    public PickleReader(byte[] data, string name, MemoryBudget budget)
    {
        (_data, _name) = (data, name);
        _stack = new PickleStack(budget, Error);
        _calls = new PickleCalls(Error);
    }

    /// <summary>Where the next pickle begins.</summary>
    public int Position { get; private set; }

    /// <summary>The storages that the pickles read so far refer to, by key.</summary>
    public IReadOnlyDictionary<string, StorageReference> Storages => _calls.Storages;

    /// <summary>Reads one pickle, up to its STOP.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or takes more memory than it may.</exception>
    public object? Read()
    {
        _stack.Clear();
        while (true)
        {
            _opcodeOffset = Position;
            byte opcode = Bytes(1)[0];
            if (opcode == (byte)'.') // STOP
            {
                object? result = _stack.Pop();
                return _stack.IsEmpty ? result : throw Error("STOP leaves values behind");
            }

            if (!PushPlain(opcode) && !Arrange(opcode) && !Call(opcode))
                throw Error($"opcode 0x{opcode:X2} is not supported: no state dict needs it");
        }
    }

    /// <summary>Opcodes that push a value which they hold, or say how the pickle is written.</summary>
    private bool PushPlain(byte opcode)
    {
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
            case (byte)'N':
                _stack.Push(null, 0);
                break;
            case 0x88: // NEWTRUE
            case 0x89: // NEWFALSE
                _stack.Push(opcode == 0x88 ? True : False, 0);
                break;
            case (byte)'K': // BININT1
                PushNumber(Bytes(1)[0]);
                break;
            case (byte)'M': // BININT2
                PushNumber(BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                break;
            case (byte)'J': // BININT
                PushNumber(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                break;
            case 0x8A: // LONG1
                PushNumber(Bytes(Bytes(1)[0]));
                break;
            case 0x8B: // LONG4
                PushNumber(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;
            case (byte)'G': // BINFLOAT
                _stack.Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)), MemoryBudget.Object / 2);
                break;
            case (byte)'X': // BINUNICODE
                PushText(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                break;
            case 0x8C: // SHORT_BINUNICODE
                PushText(Bytes(1)[0]);
                break;
            case (byte)'T': // BINSTRING: Python 2's str, text or not
                PushTextOrBinary(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                break;
            case (byte)'U': // SHORT_BINSTRING
                PushTextOrBinary(Bytes(1)[0]);
                break;
            case 0x8D: // BINUNICODE8
                PushText(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)));
                break;
            case (byte)'C': // SHORT_BINBYTES
                PushBinary(Bytes(1)[0]);
                break;
            case (byte)'B': // BINBYTES
                PushBinary(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                break;
            case 0x8E: // BINBYTES8
            case 0x96: // BYTEARRAY8
                PushBinary(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes that put values together, or handle the stack and the memo.</summary>
    private bool Arrange(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(':
                _stack.Mark();
                break;
            case (byte)'0': // POP
                _stack.Pop();
                break;
            case (byte)'1': // POP_MARK
                _stack.PopToMark();
                break;
            case (byte)'2': // DUP
                _stack.Push(_stack.Peek(), 0);
                break;
            case (byte)')': // EMPTY_TUPLE
                _stack.Push(EmptyTuple, 0);
                break;
            case 0x85: // TUPLE1
            case 0x86: // TUPLE2
            case 0x87: // TUPLE3
                _stack.Push(new PickleTuple(_stack.PopMany(opcode - 0x84)), MemoryBudget.Object);
                break;
            case (byte)'t': // TUPLE
                _stack.Push(new PickleTuple(_stack.PopToMark()), MemoryBudget.Object);
                break;
            case (byte)']': // EMPTY_LIST
                _stack.Push(new PickleList([]), MemoryBudget.Object);
                break;
            case (byte)'a': // APPEND
                Append([_stack.Pop()]);
                break;
            case (byte)'e': // APPENDS
                Append(_stack.PopToMark());
                break;
            case (byte)'}': // EMPTY_DICT
                _stack.Push(new PickleDictionary(), MemoryBudget.Object);
                break;
            case (byte)'s': // SETITEM
                SetItems(_stack.PopMany(2));
                break;
            case (byte)'u': // SETITEMS
                SetItems(_stack.PopToMark());
                break;
            case 0x8F: // EMPTY_SET
                _stack.Push(Set, 0);
                break;
            case 0x90: // ADDITEMS
                _stack.PopToMark();
                _stack.Peek<PickleOpaque>("a set");
                break;
            case 0x91: // FROZENSET
                _stack.PopToMark();
                _stack.Push(Set, 0);
                break;
            case (byte)'q': // BINPUT
                _stack.Memoize(Bytes(1)[0]);
                break;
            case (byte)'r': // LONG_BINPUT
                _stack.Memoize(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                break;
            case 0x94: // MEMOIZE
                _stack.Memoize();
                break;
            case (byte)'h': // BINGET
                _stack.Push(_stack.Recall(Bytes(1)[0]), 0);
                break;
            case (byte)'j': // LONG_BINGET
                _stack.Push(_stack.Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))), 0);
                break;
            default:
                return false;
        }

        return true;
    }

    /// <summary>Opcodes that import or call something in Python.</summary>
    private bool Call(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                PushGlobal(Line(), Line());
                break;
            case 0x93: // STACK_GLOBAL
                string name = _stack.Pop<string>("a global's name");
                PushGlobal(_stack.Pop<string>("a module's name"), name);
                break;
            case (byte)'Q': // BINPERSID
                object?[] id = _stack.Pop<PickleTuple>("a storage's description").Items;
                _stack.Push(_calls.Storage(id), PickleCalls.ResultSize);
                break;
            case (byte)'R': // REDUCE
            case 0x81: // NEWOBJ
                PushResult();
                break;
            case 0x92: // NEWOBJ_EX
                _stack.Pop<PickleDictionary>("named arguments");
                PushResult();
                break;
            case (byte)'b': // BUILD: state_dict() hangs its _metadata (module versions) on the dictionary
                object? state = _stack.Pop();
                if (_stack.Peek() is not PickleOpaque && state is not PickleDictionary)
                    throw Error("expected a dictionary of attributes on the stack");
                if (_stack.Peek() is not (PickleOpaque or PickleDictionary))
                    throw Error("expected a dictionary on the stack");
                break;
            default:
                return false;
        }

        return true;
    }

    private void PushNumber(long value) => _stack.Push(value, MemoryBudget.Object / 2);

    private void PushNumber(ReadOnlySpan<byte> bytes)
    {
        _stack.Count(2 * bytes.Length);
        var number = new BigInteger(bytes);
        _stack.Push(
            number >= long.MinValue && number <= long.MaxValue ? (long)number : number, 2 * MemoryBudget.Object);
    }

    private void PushText(ulong length) => _stack.Push(Decode(Bytes(length)), 0);

    private void PushTextOrBinary(uint length)
    {
        ReadOnlySpan<byte> bytes = Bytes(length);
        _stack.Push(Utf8.IsValid(bytes) ? Decode(bytes) : Binary, 0);
    }

    // What no state dict is made of: its place is kept, not its content.
    private void PushBinary(ulong length)
    {
        Bytes(length);
        _stack.Push(Binary, 0);
    }

    private void PushGlobal(string module, string name)
    {
        _stack.Count(2 * (module.Length + name.Length));
        _stack.Push(PickleCalls.Global(module, name), 2 * MemoryBudget.Object);
    }

    private void PushResult()
    {
        object?[] arguments = _stack.Pop<PickleTuple>("arguments").Items;
        object result = _calls.Reduce(_stack.Pop(), arguments);
        int axes = result is TensorReference { Shape.Length: var length } ? length : 0;
        _stack.Push(result, PickleCalls.ResultSize + (2 * sizeof(long) * axes));
    }

    private void Append(object?[] items)
    {
        if (_stack.Peek() is PickleOpaque)
            return;
        List<object?> list = _stack.Peek<PickleList>("a list").Items;
        _stack.Count(MemoryBudget.Object + (4L * sizeof(long) * items.Length));
        list.AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw Error("a key without a value");
        if (_stack.Peek() is PickleOpaque)
            return;
        PickleDictionary dictionary = _stack.Peek<PickleDictionary>("a dictionary");
        _stack.Count((2 * MemoryBudget.Object) + (4L * sizeof(long) * items.Length));
        for (int i = 0; i < items.Length; i += 2)
            dictionary.Add(items[i], items[i + 1]);
    }

    private ReadOnlySpan<byte> Bytes(ulong count)
    {
        if (count > (ulong)(_data.Length - Position))
            throw Error($"{count} bytes should follow, but {_data.Length - Position} are left: truncated or damaged");
        ReadOnlySpan<byte> bytes = _data.AsSpan(Position, (int)count);
        Position += (int)count;
        return bytes;
    }

    private string Line()
    {
        int length = _data.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
            throw Error("a global's name without an end");
        string line = Decode(Bytes((uint)length));
        Position++;
        return line;
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        _stack.Count((MemoryBudget.Object / 2) + (2L * bytes.Length));
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Error("text that is not UTF-8");
        }
    }

    private InvalidDataException Error(string message) => new($"{_name}, offset {_opcodeOffset}: {message}.");
}
