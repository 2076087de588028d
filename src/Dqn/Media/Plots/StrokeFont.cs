using System.Globalization;

namespace Dqn.Media;

/// <summary>
/// A straight piece of a pen's path in pixels, y downwards; <paramref name="Radius"/> is half the pen's width.
/// </summary>
internal readonly record struct PenStroke(double X0, double Y0, double X1, double Y1, double Radius);

/// <summary>Sets text in <see cref="StrokeGlyphs"/>: how wide it is, and which strokes draw it.</summary>
internal static class StrokeFont
{
    private const double Pen = 0.085, BoldPen = 0.13, BoldTracking = 0.03, DotScale = 1.3;

    private static readonly Dictionary<char, Glyph> Glyphs =
        StrokeGlyphs.Table.ToDictionary(pair => pair.Key, pair => Parse(pair.Value));

    private static readonly Glyph MissingGlyph = Parse(StrokeGlyphs.Missing);

    /// <summary>A text's width in the unit of the style's size.</summary>
    public static double Width(string text, TextStyle style)
    {
        double width = 0;
        foreach (char c in text.Where(IsShown))
            width += Find(c).Advance + (style.Bold ? BoldTracking : 0);
        return width * style.Size;
    }

    /// <summary>The strokes of a text.</summary>
    /// <param name="text">One line.</param>
    /// <param name="style">Its look, the size in pixels.</param>
    /// <param name="x">Where the text begins, pixels.</param>
    /// <param name="y">The baseline, pixels.</param>
    /// <param name="upwards">From bottom to top: then <paramref name="x"/> is the baseline.</param>
    public static IEnumerable<PenStroke> Strokes(string text, TextStyle style, double x, double y, bool upwards)
    {
        double size = style.Size, radius = Math.Max(0.5, (style.Bold ? BoldPen : Pen) * size / 2);
        double pen = 0;
        foreach (char c in text.Where(IsShown))
        {
            Glyph glyph = Find(c);
            foreach (Stroke stroke in glyph.Strokes)
            {
                double x0 = pen + stroke.X0 * size, x1 = pen + stroke.X1 * size;
                double y0 = Fit(stroke.Y0, size, radius), y1 = Fit(stroke.Y1, size, radius);
                double width = stroke.IsDot ? radius * DotScale : radius;
                yield return upwards
                    ? new PenStroke(x - y0, y - x0, x - y1, y - x1, width)
                    : new PenStroke(x + x0, y - y0, x + x1, y - y1, width);
            }

            pen += (glyph.Advance + (style.Bold ? BoldTracking : 0)) * size;
        }
    }

    // Puts the outer edges of baseline, small letters, capitals and descenders on boundaries of pixels, and everything
    // between in proportion: strokes along those lines come out sharp.
    private static double Fit(double y, double size, double radius)
    {
        ReadOnlySpan<double> drawn = [-0.17, 0.04, 0.48, 0.68];
        Span<double> fitted =
        [
            radius - Math.Round(0.21 * size), radius,
            Math.Round(0.52 * size) - radius, Math.Round(0.72 * size) - radius,
        ];
        int i = y < drawn[1] ? 0 : y < drawn[2] ? 1 : 2;
        double slope = (fitted[i + 1] - fitted[i]) / (drawn[i + 1] - drawn[i]);
        return fitted[i] + (y - drawn[i]) * slope;
    }

    // A pair of surrogates is one character, and one box.
    private static bool IsShown(char c) => !char.IsLowSurrogate(c);

    private static Glyph Find(char c) => Glyphs.GetValueOrDefault(c, MissingGlyph);

    private static Glyph Parse(string text)
    {
        string[] words = text.Split(' ');
        int next = 0;
        double advance = Number();
        var path = new Path();
        char command = 'M';
        while (next < words.Length)
        {
            if (char.IsAsciiLetter(words[next][0]))
                command = words[next++][0];
            switch (command)
            {
                case 'M':
                    path.Move(Number(), Number());
                    break;
                case 'L':
                    path.Line(Number(), Number());
                    break;
                case 'Q':
                    path.Quadratic(Number(), Number(), Number(), Number());
                    break;
                case 'C':
                    path.Cubic(Number(), Number(), Number(), Number(), Number(), Number());
                    break;
                case 'O':
                    path.End();
                    path.Arc(Number(), Number(), Number(), Number(), 0, 3.6);
                    path.End();
                    break;
                case 'A':
                    path.Arc(Number(), Number(), Number(), Number(), Number(), Number());
                    break;
                case 'D':
                    path.Dot(Number(), Number());
                    break;
                default:
                    throw new FormatException($"No such pen command: {command}.");
            }
        }

        return new Glyph(advance, [.. path.Strokes]);

        double Number() => double.Parse(words[next++], CultureInfo.InvariantCulture) / 100;
    }

    private sealed record Glyph(double Advance, Stroke[] Strokes);

    private readonly record struct Stroke(double X0, double Y0, double X1, double Y1, bool IsDot);

    /// <summary>Turns curves into straight strokes.</summary>
    private sealed class Path
    {
        private const int CurvePieces = 12, ArcPieces = 32;
        private double _x, _y;
        private bool _isOpen;

        public List<Stroke> Strokes { get; } = [];

        public void Move(double x, double y) => (_x, _y, _isOpen) = (x, y, true);

        public void End() => _isOpen = false;

        public void Line(double x, double y)
        {
            Strokes.Add(new Stroke(_x, _y, x, y, false));
            Move(x, y);
        }

        public void Dot(double x, double y)
        {
            Strokes.Add(new Stroke(x, y, x, y, true));
            End();
        }

        public void Quadratic(double cx, double cy, double x, double y) =>
            Cubic(_x + (cx - _x) * 2 / 3, _y + (cy - _y) * 2 / 3, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, x, y);

        public void Cubic(double ax, double ay, double bx, double by, double x, double y)
        {
            (double x0, double y0) = (_x, _y);
            for (int i = 1; i <= CurvePieces; i++)
            {
                double t = (double)i / CurvePieces, s = 1 - t;
                double w0 = s * s * s, wa = 3 * s * s * t, wb = 3 * s * t * t, w1 = t * t * t;
                Line(w0 * x0 + wa * ax + wb * bx + w1 * x, w0 * y0 + wa * ay + wb * by + w1 * y);
            }
        }

        public void Arc(double cx, double cy, double rx, double ry, double from, double to)
        {
            for (int i = 0; i <= ArcPieces; i++)
            {
                // The numbers come in hundredths, degrees too.
                double angle = (from + (to - from) * i / ArcPieces) * 100 * Math.PI / 180;
                double x = cx + rx * Math.Cos(angle), y = cy + ry * Math.Sin(angle);
                if (_isOpen)
                    Line(x, y);
                else
                    Move(x, y);
            }
        }
    }
}
