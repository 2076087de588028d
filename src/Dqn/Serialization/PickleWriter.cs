using System.Buffers.Binary;
using System.Text;

namespace Dqn.Serialization;

/// <summary>
/// Writes the pickle of a state dict as <c>torch.save</c> does (an OrderedDict of <c>_rebuild_tensor_v2</c>), in
/// protocol 2 and with opcodes alone that <c>torch.load(…, weights_only=True)</c> knows.
/// </summary>
internal sealed class PickleWriter
{
    private readonly MemoryStream _bytes = new();

    /// <summary>Pickles <paramref name="stateDict"/>.</summary>
    /// <param name="stateDict">The tensors.</param>
    /// <param name="storageKeys">For each tensor, in order, the name of its storage in the file.</param>
    public static byte[] Write(StateDict stateDict, IReadOnlyList<string> storageKeys)
    {
        var writer = new PickleWriter();
        writer._bytes.Write([0x80, 2]);
        writer.EmptyOrderedDict();
        writer.Opcode('(');
        int i = 0;
        foreach ((string name, Tensor tensor) in stateDict)
        {
            writer.Text(name);
            writer.Tensor(tensor, storageKeys[i++]);
        }

        writer.Opcode('u');
        writer.Opcode('.');
        return writer._bytes.ToArray();
    }

    private void Tensor(Tensor tensor, string storageKey)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Opcode('(');
        Opcode('(');
        Text("storage");
        Global("torch", TorchStorage.NameOf(tensor.Type));
        Text(storageKey);
        Text("cpu");
        Integer(tensor.Count);
        Opcode('t');
        Opcode('Q');
        Integer(0);
        Tuple(tensor.Shape.AsSpan());
        Tuple(TensorShape.RowMajorStrides(tensor.Shape));
        Opcode((char)0x89); // requires_grad: False, as state_dict() detaches
        EmptyOrderedDict(); // no hooks
        Opcode('t');
        Opcode('R');
    }

    private void EmptyOrderedDict()
    {
        Global("collections", "OrderedDict");
        Opcode(')');
        Opcode('R');
    }

    private void Tuple(ReadOnlySpan<long> values)
    {
        Opcode('(');
        foreach (long value in values)
            Integer(value);
        Opcode('t');
    }

    private void Integer(long value)
    {
        Span<byte> bytes = stackalloc byte[10];
        switch (value)
        {
            case >= 0 and <= byte.MaxValue: // BININT1
                _bytes.Write([(byte)'K', (byte)value]);
                break;
            case >= 0 and <= ushort.MaxValue: // BININT2
                bytes[0] = (byte)'M';
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[1..], (ushort)value);
                _bytes.Write(bytes[..3]);
                break;
            case >= int.MinValue and <= int.MaxValue: // BININT
                bytes[0] = (byte)'J';
                BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], (int)value);
                _bytes.Write(bytes[..5]);
                break;
            default: // LONG1
                (bytes[0], bytes[1]) = (0x8A, 8);
                BinaryPrimitives.WriteInt64LittleEndian(bytes[2..], value);
                _bytes.Write(bytes);
                break;
        }
    }

    private void Text(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Span<byte> header = stackalloc byte[5];
        header[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(header[1..], utf8.Length);
        _bytes.Write(header);
        _bytes.Write(utf8);
    }

    private void Global(string module, string name) => _bytes.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));

    private void Opcode(char opcode) => _bytes.WriteByte((byte)opcode);
}
