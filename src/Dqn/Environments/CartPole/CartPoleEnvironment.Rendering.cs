namespace Dqn.Environments;

// The picture for people: the cart, its pole and its axle on a track, as Gymnasium draws them, in its colours and sizes.
public sealed partial class CartPoleEnvironment : IRenderable
{
    private const int Width = 600, Height = 400;
    private const double PixelsPerMeter = Width / (2 * PositionLimit);
    private const double CartWidth = 50, CartHeight = 30, PoleWidth = 10, PoleLength = PixelsPerMeter * 2 * HalfPoleLength;
    private const double TrackTop = 100, AxleUp = CartHeight / 4;

    /// <inheritdoc/>
    public int RenderWidth => Width;

    /// <inheritdoc/>
    public int RenderHeight => Height;

    /// <inheritdoc/>
    public void Render(Span<byte> rgb)
    {
        if (rgb.Length != Width * Height * 3)
        {
            throw new ArgumentException(
                $"Expected a span of {Width * Height * 3} bytes for [{Height}, {Width}, 3], got {rgb.Length} bytes.", nameof(rgb));
        }

        _phase.ThrowIfNew(Spec, nameof(Render));
        rgb.Fill(255);
        double x = Width / 2.0 + _x * PixelsPerMeter, axle = TrackTop + AxleUp;
        double sine = Math.Sin(_angle), cosine = Math.Cos(_angle);
        Draw(rgb, 0, Width, TrackTop - 0.5, TrackTop + 0.5, (_, _) => true, 0, 0, 0);
        Draw(
            rgb, x - CartWidth / 2, x + CartWidth / 2, TrackTop - CartHeight / 2, TrackTop + CartHeight / 2, (_, _) => true,
            0, 0, 0);

        // In the pole's own axes, along it and across it, from the axle on.
        Draw(
            rgb, x - PoleLength, x + PoleLength, axle - PoleLength, axle + PoleLength, (px, py) =>
            {
                double along = (px - x) * sine + (py - axle) * cosine, across = (px - x) * cosine - (py - axle) * sine;
                return Math.Abs(across) <= PoleWidth / 2 && along >= -PoleWidth / 2 && along <= PoleLength - PoleWidth / 2;
            },
            202, 152, 101);
        Draw(
            rgb, x - PoleWidth / 2, x + PoleWidth / 2, axle - PoleWidth / 2, axle + PoleWidth / 2,
            (px, py) => (px - x) * (px - x) + (py - axle) * (py - axle) <= PoleWidth * PoleWidth / 4, 129, 132, 203);
    }

    /// <summary>Fills what is inside within a rectangle, y upwards from the picture's lower edge; edges are softened.</summary>
    private static void Draw(
        Span<byte> rgb, double left, double right, double bottom, double top, Func<double, double, bool> inside, byte red,
        byte green, byte blue)
    {
        const int Samples = 4; // by as many, in each pixel
        int firstRow = Math.Max(0, (int)(Height - top)), lastRow = Math.Min(Height - 1, (int)(Height - bottom));
        int firstColumn = Math.Max(0, (int)left), lastColumn = Math.Min(Width - 1, (int)right);
        for (int row = firstRow; row <= lastRow; row++)
        {
            for (int column = firstColumn; column <= lastColumn; column++)
            {
                int hits = 0;
                for (int i = 0; i < Samples * Samples; i++)
                {
                    double px = column + (i % Samples + 0.5) / Samples, py = Height - row - (i / Samples + 0.5) / Samples;
                    if (px >= left && px <= right && py >= bottom && py <= top && inside(px, py))
                        hits++;
                }

                Span<byte> pixel = rgb.Slice((row * Width + column) * 3, 3);
                pixel[0] = Mix(pixel[0], red, hits);
                pixel[1] = Mix(pixel[1], green, hits);
                pixel[2] = Mix(pixel[2], blue, hits);
            }
        }

        static byte Mix(byte under, byte over, int hits) =>
            (byte)((under * (Samples * Samples - hits) + over * hits + Samples * Samples / 2) / (Samples * Samples));
    }
}
