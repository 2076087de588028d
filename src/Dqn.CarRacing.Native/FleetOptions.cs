using System.Runtime.InteropServices;

namespace Dqn.CarRacing.Native;

/// <summary>What the native interface makes; the layout is part of it (<see cref="Exports.InterfaceVersion"/>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct FleetOptions
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

    /// <summary>1: coming onto the first tile finishes the lap beyond that part, also if it was visited before.</summary>
    public int LapEndsOnPercentage { get; init; }

    /// <summary>How many actions the table has; 0: Gymnasium's five.</summary>
    public int ActionCount { get; init; }

    /// <summary>[actions, 3], steer, gas and brake of each; read when the environments are made.</summary>
    public double* Actions { get; init; }

    /// <summary>Reads the options of each environment.</summary>
    /// <exception cref="ArgumentException">One is out of its range.</exception>
    public CarRacingOptions ReadTask() => new()
    {
        LapCompletePercent = LapCompletePercent,
        DomainRandomize = DomainRandomize != 0,
        LapEndsOnPercentage = LapEndsOnPercentage != 0,
        Actions = ReadActions(),
    };

    private CarActions ReadActions()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ActionCount);
        if (ActionCount == 0)
            return CarActions.Gymnasium;
        if (Actions == null)
            throw new ArgumentException($"Expected a table of {ActionCount} actions, got none.", nameof(Actions));
        var controls = new CarControls[ActionCount];
        for (int i = 0; i < controls.Length; i++)
            controls[i] = new(Actions[3 * i], Actions[3 * i + 1], Actions[3 * i + 2]);
        return new CarActions(controls);
    }
}
