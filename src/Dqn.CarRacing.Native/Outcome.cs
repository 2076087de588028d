using System.Runtime.InteropServices;

namespace Dqn.CarRacing.Native;

/// <summary>What a step gave; the layout is part of the native interface: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Outcome(double reward, bool terminated, bool truncated, LapState lap)
{
    /// <summary>The rewards of the step's frames, summed.</summary>
    public readonly double Reward = reward;

    /// <summary>1: the task ended.</summary>
    public readonly byte Terminated = terminated ? (byte)1 : (byte)0;

    /// <summary>1: the episode was cut off.</summary>
    public readonly byte Truncated = truncated ? (byte)1 : (byte)0;

    /// <summary>What became of the lap.</summary>
    public readonly LapState Lap = lap;
}
