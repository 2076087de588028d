using System.Runtime.InteropServices;
using System.Text.Json;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Networks;

/// <summary>The inputs of Golden/learning/nature-dqn-float64.json, which are formulas, and its numbers.</summary>
internal static class GoldenLearning
{
    public const int Batch = 32;
    public const int Actions = 5;
    public const double Gamma = 0.99;

    public static readonly int[] TakenActions = [.. Enumerable.Range(0, Batch).Select(b => b % Actions)];

    private static readonly Lazy<JsonElement> Document = new(
        () => JsonDocument.Parse(GoldenFiles.ReadBytes("learning/nature-dqn-float64.json")).RootElement);

    public static JsonElement Numbers => Document.Value;

    /// <summary>What the numbers are of: the notebook's network.</summary>
    public static CnnActionValue Architecture => new(4, Actions);

    /// <summary>
    /// Gives the notebook's network the parameters of network <paramref name="n"/>: 1 online, 2 target.
    /// </summary>
    public static void SetParameters(IQNetwork network, int n)
    {
        StateDict values = new();
        ulong k = 0;
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            values.Add(name, Tensor.FromSingles(Parameter(16 * (ulong)n + k, tensor), tensor.Shape.AsSpan()));
            k++;
        }

        network.LoadStateDict(values);
    }

    /// <summary>The numbers of the parameter with that number, of the tensor's shape.</summary>
    public static float[] Parameter(ulong number, Tensor tensor)
    {
        var data = new float[tensor.Count];
        double fan = tensor.Shape.Length == 1 ? tensor.Count : tensor.Count / tensor.Shape[0];
        for (int i = 0; i < data.Length; i++)
        {
            double u = (Mix((ulong)i + (number << 32)) >> 11) / (double)(1UL << 53);
            data[i] = (float)((2 * u - 1) * Math.Sqrt(3 / fan));
        }

        return data;
    }

    /// <summary>[32, 4, 84, 84] bytes.</summary>
    public static byte[] Observations(int firstItem)
    {
        var bytes = new byte[Batch * 4 * 84 * 84];
        int at = 0;
        for (int b = firstItem; b < firstItem + Batch; b++)
            for (int c = 0; c < 4; c++)
                for (int y = 0; y < 84; y++)
                    for (int x = 0; x < 84; x++)
                        bytes[at++] = (byte)(Mix((ulong)(((4 * b + c) * 7 + y / 12) * 7 + x / 12)) >> 56);
        return bytes;
    }

    /// <summary>r + γ · value of the next state, which a terminated one does not have.</summary>
    public static float[] Targets(Func<int, double> nextValue)
    {
        var targets = new float[Batch];
        for (int b = 0; b < Batch; b++)
            targets[b] = (float)((37 * b % 11 - 3) / 7.0 + (b % 7 == 0 ? 0 : Gamma * nextValue(b)));
        return targets;
    }

    public static float[] Values(StateDict state, string name) =>
        MemoryMarshal.Cast<byte, float>(state[name].Data).ToArray();

    public static double L2(float[] values) => Math.Sqrt(values.Sum(v => (double)v * v));

    public static ulong Mix(ulong z)
    {
        unchecked
        {
            z = z * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
