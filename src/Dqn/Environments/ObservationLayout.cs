using System.Collections.Immutable;

namespace Dqn.Environments;

/// <summary>What an observation's axes are.</summary>
public enum ObservationLayout
{
    /// <summary>Numbers without neighbours: [features], or any shape that is read as a flat list.</summary>
    Features,

    /// <summary>One grey picture: [height, width].</summary>
    Grey,

    /// <summary>
    /// Pictures one after the other, [channels, height, width]: what convolutions take. A stack of frames is such.
    /// </summary>
    ChannelsFirst,

    /// <summary>One picture, its colours beside each other: [height, width, channels], as Gymnasium renders RGB.</summary>
    ChannelsLast,
}

/// <summary>What a shape says of its layout.</summary>
internal static class ObservationLayouts
{
    /// <summary>
    /// The layout that goes without saying: numbers are features; bytes are pictures, whose channels are the axis of 1,
    /// 3 or 4 where just one end of the shape has that. Null where the shape leaves it open.
    /// </summary>
    public static ObservationLayout? Of(ImmutableArray<int> shape, ElementType type, int stackedFrames) =>
        (type, shape) switch
        {
            (not ElementType.Byte, _) or (_, [_]) => ObservationLayout.Features,
            (_, [_, _]) => stackedFrames > 1 ? ObservationLayout.Features : ObservationLayout.Grey,
            (_, [_, _, _]) when stackedFrames > 1 => ObservationLayout.ChannelsFirst,
            (_, [var first, _, var last]) when IsColour(first) != IsColour(last) =>
                IsColour(last) ? ObservationLayout.ChannelsLast : ObservationLayout.ChannelsFirst,
            _ => null,
        };

    /// <summary>Whether a shape can be laid out so.</summary>
    public static bool Fits(this ObservationLayout layout, ImmutableArray<int> shape) => layout switch
    {
        ObservationLayout.Features => true,
        ObservationLayout.Grey => shape.Length == 2,
        _ => shape.Length == 3,
    };

    private static bool IsColour(int axis) => axis is 1 or 3 or 4;
}
