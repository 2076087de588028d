using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// A network's saved state, in <see cref="QNetwork"/>'s format, so that it moves between the engines: a header that
/// names architecture and optimizer, the step count, then parameters and, once it has learnt, the optimizer's memory.
/// What a module of the user's keeps besides parameters follows.
/// </summary>
internal static class TorchNetworkState
{
    private const uint Magic = 0x314E5144; // "DQN1"

    public static void Save(
        TorchParameters parameters, string signature, string kind, TorchOptimizer? optimizer, BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(signature);
        writer.Write(kind);
        writer.Write(optimizer?.Steps ?? 0);
        WriteAll(parameters, parameters.Values, writer);
        if (optimizer is { Steps: > 0 })
            foreach (Tensor slot in optimizer.Slots)
                WriteAll(parameters, slot, writer);
        foreach ((_, Tensor tensor) in parameters.Buffers)
        {
            using Tensor host = tensor.cpu();
            using Tensor contiguous = host.contiguous();
            writer.Write(contiguous.bytes);
        }
    }

    /// <param name="parameters">Changed, once everything was read.</param>
    /// <param name="signature">Of the architecture.</param>
    /// <param name="kind">The optimizer's kind.</param>
    /// <param name="requireOptimizer">The optimizer, or a new one.</param>
    /// <param name="hasOptimizer">Whether there is one.</param>
    /// <param name="reader">The state.</param>
    public static void Load(
        TorchParameters parameters, string signature, string kind, Func<TorchOptimizer> requireOptimizer,
        bool hasOptimizer, BinaryReader reader)
    {
        try
        {
            if (reader.ReadUInt32() is var magic && magic != Magic)
                throw new InvalidDataException($"Network state: expected the mark {Magic:X8}, got {magic:X8}.");
            Expect("architecture", signature, reader.ReadString());
            Expect("optimizer", kind, reader.ReadString());
            long steps = reader.ReadInt64();
            if (steps < 0)
                throw new InvalidDataException($"Network state: expected a step count of at least 0, got {steps}.");

            float[] values = ReadAll(parameters, reader, "the parameters");
            TorchOptimizer? optimizer = steps > 0 || hasOptimizer ? requireOptimizer() : null;
            float[][] slots = steps > 0 ? [.. optimizer!.Slots.Select((_, i) => ReadAll(parameters, reader, kind.Split(' ')[1 + i]))] : [];
            byte[][] buffers = [.. parameters.Buffers.Select(buffer => ReadBuffer(buffer.Tensor, reader))];

            TorchParameters.Write(parameters.Values, values);
            for (int i = 0; i < buffers.Length; i++)
                WriteBuffer(parameters.Buffers[i].Tensor, buffers[i]);
            if (optimizer is null)
                return;
            optimizer.Steps = steps;
            for (int i = 0; i < optimizer.Slots.Count; i++)
            {
                if (steps == 0)
                    optimizer.Slots[i].zero_();
                else
                    TorchParameters.Write(optimizer.Slots[i], slots[i]);
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("Network state: cut off or damaged.", exception);
        }
    }

    /// <summary>Sets what a module keeps besides parameters.</summary>
    public static void WriteBuffer(Tensor buffer, ReadOnlySpan<byte> data)
    {
        using Tensor host = empty(buffer.shape, buffer.dtype);
        data.CopyTo(host.bytes);
        buffer.copy_(host);
    }

    private static byte[] ReadBuffer(Tensor buffer, BinaryReader reader)
    {
        var data = new byte[buffer.numel() * buffer.ElementSize];
        reader.BaseStream.ReadExactly(data);
        return data;
    }

    private static void Expect(string what, string expected, string got)
    {
        if (got != expected)
            throw new InvalidDataException($"Network state: expected the {what} '{expected}', got '{got}'.");
    }

    private static void WriteAll(TorchParameters parameters, Tensor flat, BinaryWriter writer)
    {
        float[] values = TorchParameters.Read(flat);
        foreach (TorchParameters.Entry entry in parameters.Entries)
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan((int)entry.Start, (int)entry.Count)));
    }

    private static float[] ReadAll(TorchParameters parameters, BinaryReader reader, string what)
    {
        var values = new float[parameters.Values.numel()];
        foreach (TorchParameters.Entry entry in parameters.Entries)
        {
            reader.BaseStream.ReadExactly(
                MemoryMarshal.AsBytes(values.AsSpan((int)entry.Start, (int)entry.Count)));
        }

        NetworkArguments.RequirePossibleState(values, what);
        return values;
    }
}
