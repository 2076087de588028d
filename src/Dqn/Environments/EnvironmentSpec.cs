using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>Describes an environment's observations and actions; constant for the environment's life.</summary>
public sealed record EnvironmentSpec
{
    /// <summary>The task's name, for logs: "CarRacing-v3". Not empty.</summary>
    public required string Name
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            field = value;
        }
    }

    private readonly ObservationLayout? _layout;

    /// <summary>
    /// The observation's axes, outermost first, each at least 1: [stack, height, width] for grey frames,
    /// [height, width, 3] for RGB, [features] for numbers. <see cref="Layout"/> says which is which.
    /// </summary>
    public required ImmutableArray<int> ObservationShape
    {
        get;
        init
        {
            if (value.IsDefaultOrEmpty)
                throw new ArgumentException("Expected at least one observation axis, got none.");
            foreach (int axis in value)
                ArgumentOutOfRangeException.ThrowIfLessThan(axis, 1, nameof(ObservationShape));
            field = value;
        }
    }

    /// <summary>What each number of an observation is.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>
    /// What the axes are. Where it is not set, the shape says it: numbers are
    /// <see cref="ObservationLayout.Features"/>; bytes are pictures, [height, width], [stack, height, width], or with
    /// the axis of 1, 3 or 4 channels first or last.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The shape does not tell, and nothing was set; or what was set has another number of axes.
    /// </exception>
    public ObservationLayout Layout
    {
        get
        {
            string shape = $"[{string.Join(", ", ObservationShape)}]";
            ObservationLayout layout = LayoutOrNull ?? throw new ArgumentException(
                $"{Name}: expected {nameof(EnvironmentSpec)}.{nameof(Layout)} for observations of {shape} bytes, " +
                "whose shape does not tell which axis is which. Set ObservationLayout.ChannelsLast for " +
                "[height, width, channels], ChannelsFirst for [channels, height, width], Features for a flat list.");
            return layout.Fits(ObservationShape) ? layout : throw new ArgumentException(
                $"{Name}: expected a shape for the layout {layout}, got {shape}.");
        }
        init => _layout = value;
    }

    /// <summary>Actions are 0 … <see cref="ActionCount"/> − 1; at least 1.</summary>
    public required int ActionCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(ActionCount));
            field = value;
        }
    }

    /// <summary>
    /// Whether some actions are illegal in some states: then <see cref="IEnvironment.LegalActions"/> says which are legal,
    /// and no other is ever taken, explored or counted in a target. Default false: all are always legal.
    /// </summary>
    public bool HasIllegalActions { get; init; }

    /// <summary>
    /// How many consecutive frames an observation holds along its first axis, oldest first: 1 unless a
    /// <see cref="FrameStack"/> made it more. Replay stores only the newest and rebuilds the rest.
    /// </summary>
    public int StackedFrames
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(StackedFrames));
            field = value;
        }
    } = 1;

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

    /// <summary>
    /// How many bytes an observation takes: the length of the span that <see cref="IEnvironment.Observe"/> fills.
    /// </summary>
    public int ObservationBytes => checked(ObservationLength * (ElementType == ElementType.Byte ? 1 : sizeof(float)));

    /// <summary>How many bytes one of the stacked frames takes.</summary>
    public int FrameBytes => ObservationBytes / StackedFrames;

    /// <summary>The length of a mask of legal actions: <see cref="ActionCount"/> where there are illegal ones, else 0.</summary>
    internal int MaskedActions => HasIllegalActions ? ActionCount : 0;

    /// <summary>The layout, or null where nothing tells it.</summary>
    internal ObservationLayout? LayoutOrNull =>
        _layout ?? ObservationLayouts.Of(ObservationShape, ElementType, StackedFrames);

    /// <summary>For the start of an environment's <see cref="IEnvironment.Step"/>: passes actions that exist.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such action.</exception>
    public void ThrowIfNotAnAction(int action)
    {
        if ((uint)action >= (uint)ActionCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(action), action, $"{Name}: expected an action from 0 to {ActionCount - 1}, got {action}.");
        }
    }

    /// <summary>
    /// For the start of an environment's <see cref="IEnvironment.Observe"/>: passes spans of the right length.
    /// </summary>
    /// <exception cref="ArgumentException">The span has another length than <see cref="ObservationBytes"/>.</exception>
    public void ThrowIfNotAnObservation(ReadOnlySpan<byte> observation)
    {
        if (observation.Length != ObservationBytes)
        {
            throw new ArgumentException(
                $"{Name}: expected a span of {ObservationBytes} bytes for an observation of shape " +
                $"[{string.Join(", ", ObservationShape)}], got {observation.Length} bytes.",
                nameof(observation));
        }
    }

    /// <summary>Equal in every number, the observation's axes included.</summary>
    public bool Equals(EnvironmentSpec? other) =>
        other is not null && Name == other.Name && ElementType == other.ElementType &&
        ActionCount == other.ActionCount && HasIllegalActions == other.HasIllegalActions && StackedFrames == other.StackedFrames && LayoutOrNull == other.LayoutOrNull &&
        ObservationShape.AsSpan().SequenceEqual(other.ObservationShape.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(Name, ElementType, ActionCount, StackedFrames, ObservationLength);
}
