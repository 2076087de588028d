using System.Runtime.CompilerServices;

namespace Dqn.CarRacing;

/// <summary>The shapes of a picture in the order of drawing, with all that is worth knowing of them before it is
/// drawn.</summary>
internal sealed unsafe partial class ShapeList
{
    /// <summary>The first row of the surface above the panel; those from here on are looked at.</summary>
    public const int FirstRow = Camera.Height - Indicators.Top;

    // Rows are looked at eight at a time.
    private const int Padding = 8;

    // What one shape adds at most: two numbers for each row of itself and of its four lines.
    private const int NumbersPerShape = 10 * (Camera.Height + 3 * Padding);

    private Shape[] _shapes = new Shape[128];
    private SmoothLine[] _lines = new SmoothLine[512];
    private Point[] _corners = new Point[64];
    private int _lineCount, _cornerCount, _numberCount, _left, _right;

    // Pinned, and so alive as long as this object is.
    private int[] _numberArray = [];

    public ShapeList()
    {
        _falling = (int*)Unsafe.AsPointer(ref _crossings[0]);
        _rising = _falling + Camera.Height + Padding;
        Reserve();
    }

    /// <summary>How many shapes there are.</summary>
    public int Count { get; private set; }

    /// <summary>Where the numbers are that shapes and lines refer to; changes as shapes are added.</summary>
    public int* Numbers { get; private set; }

    /// <summary>A shape.</summary>
    public ref readonly Shape this[int index] => ref _shapes[index];

    /// <summary>The four lines of a shape that has some.</summary>
    public ReadOnlySpan<SmoothLine> LinesOf(in Shape shape) => _lines.AsSpan(shape.Lines, 4);

    /// <summary>The corners of a shape whose rows may have several spans.</summary>
    public ReadOnlySpan<Point> CornersOf(in Shape shape) => _corners.AsSpan(shape.Corners, shape.CornerCount);

    /// <summary>Removes all shapes and says which columns of the surface are looked at; both are included.</summary>
    public void Clear(int left, int right)
    {
        (Count, _lineCount, _cornerCount, _numberCount) = (0, 0, 0, 0);
        (_left, _right) = (left, right);
    }

    /// <summary>Adds a quad that is drawn with <c>gfxdraw.aapolygon</c> and <c>gfxdraw.filled_polygon</c>.</summary>
    public void AddSmooth(ReadOnlySpan<Point> corners, int color)
    {
        if (!TryAdd(corners, color, out int top, out int bottom))
            return;
        ref Shape shape = ref _shapes[Count - 1];
        shape.Smooth = true;
        FindSpans(ref shape, corners, top, bottom);
        shape.Lines = _lineCount;
        for (int i = 0; i < 4; i++)
            AddLine(corners[i], corners[(i + 1) & 3]);
    }

    /// <summary>Adds a polygon that is drawn with <c>draw.polygon</c>.</summary>
    public void Add(ReadOnlySpan<Point> corners, int color)
    {
        if (!TryAdd(corners, color, out int top, out int bottom))
            return;
        FindSpans(ref _shapes[Count - 1], corners, top, bottom);

        // Horizontal edges that end the polygon's inside are not met by the spans, nor a polygon of one row.
        for (int i = 0; i < corners.Length; i++)
        {
            Point a = corners[i == 0 ? corners.Length - 1 : i - 1], b = corners[i];
            if (a.Y == b.Y && ((top < b.Y && b.Y < bottom) || top == bottom))
                AddRectangle(Math.Min(a.X, b.X), b.Y, Math.Max(a.X, b.X), b.Y, color);
        }
    }

    /// <summary>Adds a rectangle; all bounds, rows of the surface, are included.</summary>
    public void AddRectangle(int left, int top, int right, int bottom, int color)
    {
        ReadOnlySpan<Point> corners = [new(left, top), new(right, bottom)];
        if (!TryAdd(corners, color, out _, out _))
            return;
        ref Shape shape = ref _shapes[Count - 1];
        MakeRoomForSpans(ref shape);
        for (int y = shape.Top; y <= shape.Bottom; y++)
        {
            Numbers[shape.Left + y] = Math.Max(left, _left);
            Numbers[shape.Right + y] = Math.Min(right, _right);
        }
    }

    // False if it does not meet the rows that are looked at.
    private bool TryAdd(ReadOnlySpan<Point> corners, int color, out int top, out int bottom)
    {
        (top, bottom) = (corners[0].Y, corners[0].Y);
        int left = corners[0].X, right = left;
        foreach (Point corner in corners[1..])
        {
            (top, bottom) = (Math.Min(top, corner.Y), Math.Max(bottom, corner.Y));
            (left, right) = (Math.Min(left, corner.X), Math.Max(right, corner.X));
        }

        if (bottom < FirstRow || top >= Camera.Height || right < _left || left > _right)
            return false;

        Reserve();
        _shapes[Count++] = new Shape
        {
            Top = Math.Max(top, FirstRow),
            Bottom = Math.Min(bottom, Camera.Height - 1),
            Color = color,
            Lines = -1,
        };
        return true;
    }

    // Room for one more shape and all that it may have.
    private void Reserve()
    {
        if (Count == _shapes.Length)
            Array.Resize(ref _shapes, 2 * Count);
        if (_lineCount + 4 > _lines.Length)
            Array.Resize(ref _lines, 2 * _lines.Length);
        if (_cornerCount + CarOutline.MaximumPoints > _corners.Length)
            Array.Resize(ref _corners, 2 * _corners.Length);
        if (_numberCount + NumbersPerShape <= _numberArray.Length)
            return;
        int[] numbers = GC.AllocateUninitializedArray<int>(
            Math.Max(2 * _numberArray.Length, 8 * NumbersPerShape), pinned: true);
        _numberArray.AsSpan(0, _numberCount).CopyTo(numbers);
        _numberArray = numbers;
        Numbers = (int*)Unsafe.AsPointer(ref numbers[0]);
    }
}
