using System.Globalization;

namespace Dqn.Media;

/// <summary>
/// Frames drawn in a terminal with 24-bit colours: each character cell is a '▀' whose foreground is the upper and whose
/// background the lower of two pixels. Reused from frame to frame without allocating. Not safe for concurrent use.
/// </summary>
public sealed class TerminalImage
{
    /// <summary>Switches to the terminal's other screen, hides the cursor and clears.</summary>
    public const string Enter = "\e[?1049h\e[?25l\e[0m\e[2J";

    /// <summary>Undoes <see cref="Enter"/>.</summary>
    public const string Leave = "\e[0m\e[?25h\e[?1049l";

    // "\e[38;2;255;255;255m" twice and the block; "\e[0m" and "\e[99999;99999H" per row.
    private const int CellLength = 2 * 19 + 1, RowLength = 4 + 14;

    private readonly byte[] _pixels;
    private readonly float[] _sums;
    private readonly char[] _text;
    private int _length;

    /// <summary>A picture of the given size.</summary>
    /// <param name="columns">Character cells per line, 1 to 10,000.</param>
    /// <param name="rows">Lines, 1 to 10,000; each shows two rows of pixels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public TerminalImage(int columns, int rows)
    {
        CheckCells(columns, nameof(columns));
        CheckCells(rows, nameof(rows));
        (Columns, Rows) = (columns, rows);
        _pixels = new byte[3 * columns * 2 * rows];
        _sums = new float[3 * columns];
        _text = new char[checked(rows * (columns * CellLength + RowLength))];
    }

    /// <summary>Character cells per line.</summary>
    public int Columns { get; }

    /// <summary>Lines.</summary>
    public int Rows { get; }

    /// <summary>
    /// The largest size in cells that shows a frame undistorted, taking a cell for twice as high as wide.
    /// </summary>
    /// <param name="width">The frame's pixels per row, at least 1.</param>
    /// <param name="height">The frame's rows, at least 1.</param>
    /// <param name="maxColumns">Cells per line there are, at least 1.</param>
    /// <param name="maxRows">Lines there are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public static (int Columns, int Rows) Fit(int width, int height, int maxColumns, int maxRows)
    {
        FrameSink.CheckSize(width, height);
        CheckCells(maxColumns, nameof(maxColumns));
        CheckCells(maxRows, nameof(maxRows));
        double scale = Math.Min((double)maxColumns / width, 2.0 * maxRows / height);
        return (Math.Clamp((int)Math.Round(width * scale), 1, maxColumns),
            Math.Clamp((int)Math.Round(height * scale / 2), 1, maxRows));
    }

    /// <summary>Draws a frame, each pixel of the picture the mean of the frame's area that it covers.</summary>
    /// <param name="rgb">[height × width × 3] bytes, rows from the top.</param>
    /// <param name="width">The frame's pixels per row, at least 1.</param>
    /// <param name="height">The frame's rows, at least 1.</param>
    /// <returns>What to write to the terminal: it begins at the screen's top left corner and moves nothing else.
    /// Valid until the next call.</returns>
    /// <exception cref="ArgumentException">
    /// A size is not positive, or <paramref name="rgb"/> has another length.
    /// </exception>
    public ReadOnlySpan<char> Render(ReadOnlySpan<byte> rgb, int width, int height)
    {
        FrameSink.CheckSize(width, height);
        FrameSink.CheckFrame(rgb, width, height);
        AreaAverage.Resize(rgb, width, height, _pixels, Columns, 2 * Rows, _sums);

        _length = 0;
        for (int row = 0; row < Rows; row++)
        {
            Append("\e[");
            Append(row + 1);
            Append(";1H");
            ReadOnlySpan<byte> upper = _pixels.AsSpan(6 * row * Columns, 3 * Columns);
            ReadOnlySpan<byte> lower = _pixels.AsSpan(6 * row * Columns + 3 * Columns, 3 * Columns);
            int foreground = -1, background = -1;
            for (int x = 0; x < 3 * Columns; x += 3)
            {
                SetColor(38, upper.Slice(x, 3), ref foreground);
                SetColor(48, lower.Slice(x, 3), ref background);
                _text[_length++] = '▀';
            }

            Append("\e[0m"); // the terminal's own background to the right of the picture
        }

        return _text.AsSpan(0, _length);
    }

    private void SetColor(int ground, ReadOnlySpan<byte> rgb, ref int current)
    {
        int color = rgb[0] << 16 | rgb[1] << 8 | rgb[2];
        if (color == current)
            return;
        current = color;
        Append("\e[");
        Append(ground);
        Append(";2");
        foreach (byte channel in rgb)
        {
            Append(";");
            Append(channel);
        }

        Append("m");
    }

    private void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
    }

    private void Append(int number)
    {
        number.TryFormat(_text.AsSpan(_length), out int written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    private static void CheckCells(int cells, string name)
    {
        if (cells is < 1 or > 10_000)
            throw new ArgumentOutOfRangeException(name, cells, "Expected 1 to 10,000 character cells.");
    }
}
