using System.Runtime.InteropServices;
using Dqn.Files;

namespace Dqn.Networks;

/// <summary>
/// A network's saved state: a header that names architecture and optimizer, the step count, then parameters and, once
/// it has learnt, the optimizer's memory, floats in PyTorch's order, so that it does not depend on the instruction
/// set; where layers are noisy, the noise and its random stream.
/// </summary>
internal static class QNetworkState
{
    private const uint Magic = 0x314E5144; // "DQN1"

    public static void Save(NetworkEngine engine, BinaryWriter writer)
    {
        writer.Write(Magic);
        writer.Write(engine.Signature);
        writer.Write(engine.OptimizerKind);
        writer.Write(engine.Optimizer?.Steps ?? 0);
        WriteAll(engine, engine.Parameters.Values, writer);
        if (engine.Optimizer is { Steps: > 0 } optimizer)
            foreach (AlignedBuffer slot in optimizer.Slots)
                WriteAll(engine, slot, writer);
        engine.Noise?.SaveState(writer);
    }

    public static void Load(NetworkEngine engine, BinaryReader reader)
    {
        try
        {
            if (reader.ReadUInt32() is var magic && magic != Magic)
                throw new InvalidDataException($"Network state: expected the mark {Magic:X8}, got {magic:X8}.");
            Expect("architecture", engine.Signature, reader.ReadText());
            Expect("optimizer", engine.OptimizerKind, reader.ReadText());
            long steps = reader.ReadInt64();
            if (steps < 0)
                throw new InvalidDataException($"Network state: expected a step count of at least 0, got {steps}.");

            // Everything is read before anything changes.
            float[][] parameters = ReadAll(engine, reader, "the parameters");
            var slots = new List<float[][]>();
            if (steps > 0)
                for (int i = 0; i < engine.RequireOptimizer().Slots.Length; i++)
                    slots.Add(ReadAll(engine, reader, engine.OptimizerKind.Split(' ')[1 + i]));

            Action? takeNoise = engine.Noise?.ReadState(reader);
            WriteBack(engine, parameters, engine.Parameters.Values);
            takeNoise?.Invoke();
            if (steps == 0 && engine.Optimizer is null)
                return;
            IOptimizer optimizer = engine.RequireOptimizer();
            optimizer.Steps = steps;
            for (int i = 0; i < optimizer.Slots.Length; i++)
            {
                if (steps == 0)
                    optimizer.Slots[i].Span.Clear();
                else
                    WriteBack(engine, slots[i], optimizer.Slots[i]);
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("Network state: cut off or damaged.", exception);
        }
    }

    private static void Expect(string what, string expected, string got)
    {
        if (got != expected)
            throw new InvalidDataException($"Network state: expected the {what} '{expected}', got {FileText.Quote(got)}.");
    }

    private static void WriteAll(NetworkEngine engine, AlignedBuffer source, BinaryWriter writer)
    {
        foreach (Parameters.Entry entry in engine.Parameters.Entries)
        {
            var values = new float[entry.Count];
            entry.Read(source, values);
            writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    private static float[][] ReadAll(NetworkEngine engine, BinaryReader reader, string what)
    {
        var all = new float[engine.Parameters.Entries.Count][];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = new float[engine.Parameters.Entries[i].Count];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(all[i].AsSpan()));
            NetworkArguments.RequirePossibleState(all[i], what);
        }

        return all;
    }

    private static void WriteBack(NetworkEngine engine, float[][] all, AlignedBuffer destination)
    {
        for (int i = 0; i < all.Length; i++)
            engine.Parameters.Entries[i].Write(all[i], destination);
    }
}
