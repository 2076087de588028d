using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>Describes an environment's observations and actions; constant for the environment's life.</summary>
public sealed record EnvironmentSpec
{
    /// <summary>The task's name, for logs: "CarRacing-v3".</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The observation's axes, outermost first, each at least 1: [stack, height, width] for grey frames,
    /// [height, width, 3] for RGB, [features] for numbers.
    /// </summary>
    public required ImmutableArray<int> ObservationShape { get; init; }

    /// <summary>What each number of an observation is.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>Actions are 0 … <see cref="ActionCount"/> − 1; at least 1.</summary>
    public required int ActionCount { get; init; }

    /// <summary>
    /// How many consecutive frames an observation holds along its first axis, oldest first: 1 unless a
    /// <see cref="FrameStack"/> made it more. Replay stores only the newest and rebuilds the rest.
    /// </summary>
    public int StackedFrames { get; init; } = 1;

    /// <summary>How many numbers an observation has.</summary>
    public int ObservationLength
    {
        get
        {
            int length = 1;
            foreach (int axis in ObservationShape)
                length = checked(length * axis);
            return length;
        }
    }

    /// <summary>How many bytes an observation takes: the length of the span that <see cref="IEnvironment.Observe"/> fills.</summary>
    public int ObservationBytes => checked(ObservationLength * (ElementType == ElementType.Byte ? 1 : sizeof(float)));

    /// <summary>How many bytes one of the stacked frames takes.</summary>
    public int FrameBytes => ObservationBytes / StackedFrames;
}
