namespace Dqn.CarRacing;

/// <summary>How a smooth line is drawn.</summary>
internal enum LineKind
{
    /// <summary>Not at all: it is off the surface.</summary>
    None,

    /// <summary>A span of one row, <see cref="SmoothLine.X"/> … <see cref="SmoothLine.EndX"/>.</summary>
    Flat,

    /// <summary>One pixel in each row.</summary>
    Upright,

    /// <summary>Two neighbours in each row share a pixel's weight.</summary>
    Steep,

    /// <summary>Two pixels in each column share it.</summary>
    Shallow,
}

/// <summary>A line after Xiaolin Wu without its last pixel, clipped, as SDL_gfx's <c>_aalineColor</c> draws
/// it.</summary>
internal struct SmoothLine
{
    public LineKind Kind;

    /// <summary>The upper end, that is the one with the lesser row.</summary>
    public int X, Y;

    /// <summary>The other end's column, of a flat line.</summary>
    public int EndX;

    /// <summary>How many rows follow the upper end's until the other end; of a shallow line, how many rows of
    /// pieces.</summary>
    public int Rows;

    /// <summary>1 if it goes right from the upper end, else −1.</summary>
    public int Step;

    /// <summary>How much the error grows with each pixel: units of 2^-16 of a steep line, 2^-32 of a shallow
    /// one.</summary>
    public uint Slope;

    /// <summary>The pixel at the end where drawing starts, which gets all the colour; of steep and shallow
    /// lines.</summary>
    public int FullX, FullY;

    /// <summary>
    /// Of a shallow line: where the first and the last column of the piece in each row are, as offsets into the
    /// numbers of the <see cref="ShapeList"/>.
    /// </summary>
    public int PieceLeft, PieceRight;
}
