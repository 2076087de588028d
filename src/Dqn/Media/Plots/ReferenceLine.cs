namespace Dqn.Media;

/// <summary>
/// A dashed horizontal line across a <see cref="LinePlot"/>, for example a return that counts as solved.
/// </summary>
/// <param name="Y">Where, finite; the plot's range is widened to show it.</param>
/// <param name="Label">Written to the right of the plot; empty: nothing.</param>
public sealed record ReferenceLine(double Y, string Label = "")
{
    /// <summary>The colour. Default dark grey.</summary>
    public RgbColor Color { get; init; } = new(0x5B, 0x64, 0x70);
}
