using System.Runtime.InteropServices;

namespace Dqn.CarRacing.Native;

/// <summary>What the native interface makes; the layout is part of it (<see cref="Exports.InterfaceVersion"/>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct FleetOptions
{
    /// <summary>How many environments, at least 1.</summary>
    public int Count { get; init; }

    /// <summary>How many threads step them at most; 0: one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>How many frames an action is repeated for, at least 1; rewards are summed, the last frame is seen.</summary>
    public int FrameSkip { get; init; }

    /// <summary>After how many steps an episode is truncated; 0: never.</summary>
    public int MaxSteps { get; init; }

    /// <summary>0: whoever steps after an episode's end is refused; 1: the next step begins a new one.</summary>
    public int Autoreset { get; init; }

    /// <summary>1: the colours are drawn anew for each episode.</summary>
    public int DomainRandomize { get; init; }

    /// <summary>The part of the tiles beyond which the lap is finished, 0 … 1.</summary>
    public double LapCompletePercent { get; init; }

    /// <summary>The options of each environment.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public CarRacingOptions Task => new()
    {
        LapCompletePercent = LapCompletePercent,
        DomainRandomize = DomainRandomize != 0,
    };
}
