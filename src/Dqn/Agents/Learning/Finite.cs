using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Agents;

/// <summary>Where numbers that are not finite end a training, instead of spreading in silence.</summary>
internal static class Finite
{
    private const uint Exponent = 0x7F80_0000; // All ones in infinity and NaN alone.

    /// <summary>Throws unless what an update found is finite.</summary>
    /// <exception cref="TrainingDivergedException">A number is not finite.</exception>
    public static void Require(in LearnResult result, long step)
    {
        if (!float.IsFinite(result.Loss))
            throw Diverged(step, "the loss", result.Loss);
        if (!float.IsFinite(result.MeanValue))
            throw Diverged(step, "the mean value", result.MeanValue);
        if (!float.IsFinite(result.MeanAbsoluteTdError))
            throw Diverged(step, "the TD error", result.MeanAbsoluteTdError);
        if (result.GradientNorm is { } norm && !float.IsFinite(norm))
            throw Diverged(step, "the gradient norm", norm);
    }

    /// <summary>Throws unless all of a network's parameters are finite; copies them, so for now and then.</summary>
    /// <exception cref="TrainingDivergedException">A number is not finite.</exception>
    public static void Require(IQNetwork network, long step)
    {
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            if (FiniteTensors.Complaint(name, tensor) is { } complaint)
                throw new TrainingDivergedException(step, "the weights", complaint.TrimEnd('.'));
        }
    }

    /// <summary>Throws unless an observation's numbers are finite.</summary>
    /// <param name="observation">Single-precision numbers as their bytes.</param>
    /// <exception cref="ArgumentException">A number is not finite.</exception>
    public static void RequireObservation(ReadOnlySpan<byte> observation)
    {
        int index = IndexOfNotFinite(MemoryMarshal.Cast<byte, float>(observation));
        if (index < 0)
            return;
        float value = MemoryMarshal.Cast<byte, float>(observation)[index];
        throw new ArgumentException(
            $"Expected an observation of finite numbers, got {value.ToString(CultureInfo.InvariantCulture)} as number " +
            $"{index}: the network would learn NaN from it. Find out where the environment makes it, or end the episode " +
            "there as terminated.", nameof(observation));
    }

    /// <summary>The first number that is NaN or infinite; −1 where all are finite.</summary>
    public static int IndexOfNotFinite(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<uint> bits = MemoryMarshal.Cast<float, uint>(values);
        Vector<uint> exponent = new(Exponent);
        int i = 0;
        for (; i <= bits.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            if (Vector.EqualsAny(new Vector<uint>(bits[i..]) & exponent, exponent))
                break;
        }

        for (; i < bits.Length; i++)
        {
            if ((bits[i] & Exponent) == Exponent)
                return i;
        }

        return -1;
    }

    private static TrainingDivergedException Diverged(long step, string quantity, float found) =>
        new(step, quantity, found.ToString(CultureInfo.InvariantCulture));
}
