namespace Dqn.CarRacing;

/// <summary>
/// A polygon of one colour on the rows of the surface above the panel: its smooth outline, if it has one, and its
/// spans. Offsets are into the numbers of its <see cref="ShapeList"/>.
/// </summary>
internal struct Shape
{
    /// <summary>The first and the last row that it may touch.</summary>
    public int Top, Bottom;

    /// <summary>One of <see cref="CanvasColor"/>.</summary>
    public int Color;

    /// <summary>Where its four smooth lines begin, or −1.</summary>
    public int Lines;

    /// <summary>The first row with a span, and how many follow it, itself included.</summary>
    public int SpanTop, SpanRows;

    /// <summary>
    /// What to add to a row for the offset of its span's first and last pixel, both cut off at the sides of what is looked at.
    /// Empty spans, and eight rows on either side, have a first after their last.
    /// </summary>
    public int Left, Right;

    /// <summary>Where its corners are, and how many, if its rows may have several spans; else 0 corners.</summary>
    public int Corners, CornerCount;

    /// <summary>Whether it is filled as SDL_gfx does it, else as pygame.</summary>
    public bool Smooth;
}
