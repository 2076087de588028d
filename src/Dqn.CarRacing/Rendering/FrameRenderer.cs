using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dqn.CarRacing;

/// <summary>
/// Draws scenes as Gymnasium's CarRacing does, byte for byte but for the score's font. Allocates nothing per frame.
/// Not safe for concurrent use.
/// </summary>
internal sealed unsafe class FrameRenderer
{
    /// <summary>Bytes of an observation: 96 × 96 × 3.</summary>
    public const int ObservationBytes = Size * Size * 3;

    /// <summary>Bytes of a large render: 400 rows × 600 columns × 3.</summary>
    public const int LargeBytes = 400 * 600 * 3;

    /// <summary>Bytes of the grey part of an observation: 84 × 84.</summary>
    public const int GreyBytes = GreySize * GreySize;

    private const int Size = 96, GreySize = 84, FirstGreyColumn = 6;

    // The picture's rows above the panel, and how many of them are drawn at a time.
    private const int RowsAbovePanel = 84, RowsPerBand = 4;

    private readonly CellBand _band = new();
    private readonly SceneShapes _shapes = new();
    private readonly uint[] _lineArray = GC.AllocateArray<uint>(Size, pinned: true);
    private LargeRenderer? _large;

    /// <summary>The 96 × 96 observation.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [96, 96, 3].</param>
    public void Render96(Scene scene, Span<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, ObservationBytes);
        int below = Prepare(scene, 0, Size);
        for (int y = 0; y < RowsAbovePanel; y++)
        {
            if (y % RowsPerBand == 0)
                DrawBand(y, below);
            PackRgb(Average(y), rgb.Slice(y * Size * 3, Size * 3));
        }

        _band.End();
        _band.Begin(Indicators.Top, Camera.Height - Indicators.Top, CanvasColor.Black);
        _band.DrawPanel(scene);
        for (int y = RowsAbovePanel; y < Size; y++)
            PackRgb(Average(y), rgb.Slice(y * Size * 3, Size * 3));
    }

    /// <summary>
    /// Rows 0 … 83 and columns 6 … 89 of the observation in OpenCV's grey, as <see cref="Dqn.Environments.GreyCrop"/> makes it, without
    /// drawing the rest.
    /// </summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="grey">Destination, [84, 84].</param>
    public void RenderGrey84(Scene scene, Span<byte> grey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(grey.Length, GreyBytes);
        int below = Prepare(scene, FirstGreyColumn, FirstGreyColumn + GreySize);
        for (int y = 0; y < RowsAbovePanel; y++)
        {
            if (y % RowsPerBand == 0)
                DrawBand(y, below);
            PackGrey(Average(y) + FirstGreyColumn, grey.Slice(y * GreySize, GreySize));
        }
    }

    /// <summary>The 600 × 400 render with skid marks.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="rgb">Destination, [400, 600, 3].</param>
    public void Render600x400(Scene scene, Span<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, LargeBytes);
        _large ??= new LargeRenderer();
        _large.Render(scene, rgb);
    }

    // Looks at some columns of the picture. Returns the colour below the shapes.
    private int Prepare(Scene scene, int firstColumn, int endColumn)
    {
        SetColors(scene);
        _band.Look(firstColumn, endColumn);
        return _shapes.Find(scene, ColumnFilter.First[firstColumn], ColumnFilter.Last[endColumn - 1]);
    }

    private uint* Average(int y)
    {
        uint* line = (uint*)Unsafe.AsPointer(ref _lineArray[0]);
        _band.Average(y, line);
        return line;
    }

    // The surface's rows for some rows of the picture from y on.
    private void DrawBand(int y, int below)
    {
        int last = y + RowsPerBand - 1;
        int first = RowFilter.First[y], end = RowFilter.First[last] + RowFilter.Whole[last] + 1;
        if (y > 0)
            _band.End();
        _band.Begin(first, Math.Min(end, Indicators.Top) - first, below);
        _band.Draw(_shapes.Shapes);
        _band.Resolve();
    }

    private void SetColors(Scene scene)
    {
        _band.SetColor(CanvasColor.Black, 0);
        _band.SetColor(CanvasColor.Ground, scene.BackgroundColor.ToPixel());
        _band.SetColor(CanvasColor.Grass, scene.GrassColor.ToPixel());
        for (int i = 0; i < CanvasColor.RoadShades; i++)
            _band.SetColor(CanvasColor.Road + i, scene.RoadColor.ToPixel(SceneColor.Shade(i)));
        _band.SetColor(CanvasColor.White, Indicators.SpeedColor);
        _band.SetColor(CanvasColor.Red, Indicators.GyroscopeColor);
        _band.SetColor(CanvasColor.Hull, CarOutline.HullColor);
        _band.SetColor(CanvasColor.Stripe, CarOutline.StripeColor);
        _band.SetColor(CanvasColor.Blue, Indicators.FrontColor);
        _band.SetColor(CanvasColor.Violet, Indicators.RearColor);
        _band.SetColor(CanvasColor.Green, Indicators.SteeringColor);
    }

    // Leaves every fourth byte out.
    private static void PackRgb(uint* line, Span<byte> rgb)
    {
        fixed (byte* to = rgb)
        {
            for (int i = 0; i < Size - 4; i += 4)
                Rgb(line + i).Store(to + i * 3);
            var last = Rgb(line + Size - 4);
            *(ulong*)(to + (Size - 4) * 3) = last.AsUInt64().ToScalar();
            *(uint*)(to + (Size - 4) * 3 + 8) = last.AsUInt32()[2];
        }

        static Vector128<byte> Rgb(uint* pixels) => Vector128.Shuffle(
            Vector128.Load((byte*)pixels),
            Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15));
    }

    private static void PackGrey(uint* line, Span<byte> grey)
    {
        const uint Red = 9798, Green = 19235, Blue = 3735, Half = 1 << 14;
        fixed (byte* to = grey)
        {
            for (int i = 0; i < GreySize; i += 4)
            {
                var pixels = Vector128.Load(line + i);
                var low = Vector128.Create(255u);
                var sum = (pixels & low) * Red + (pixels >> 8 & low) * Green + (pixels >> 16 & low) * Blue;
                var words = Vector128.Narrow(sum + Vector128.Create(Half) >> 15, default);
                *(uint*)(to + i) = Vector128.Narrow(words, default).AsUInt32().ToScalar();
            }
        }
    }
}
