using Dqn.Environments;
using Dqn.Media;

namespace Dqn.Watching;

/// <summary>
/// Where a picture for people comes from: an environment that can draw itself, else the pictures that the task itself
/// shows where the agent sees them through wrappers.
/// </summary>
internal sealed class PictureSource
{
    private readonly Action<byte[]> _draw;
    private readonly FrameTiles? _tiles;

    private PictureSource(int bytes, int width, int height, PixelFormat format, Action<byte[]> draw, FrameTiles? tiles) =>
        (Bytes, Width, Height, Format, _draw, _tiles) = (bytes, width, height, format, draw, tiles);

    /// <summary>How many bytes <see cref="Draw"/> writes.</summary>
    public int Bytes { get; }

    public int Width { get; }

    public int Height { get; }

    public PixelFormat Format { get; }

    /// <summary>The source of an environment's pictures; null where it has none.</summary>
    public static PictureSource? Of(IEnvironment environment)
    {
        if (environment.Find<IRenderable>() is { } drawn)
        {
            (int width, int height) = (drawn.RenderWidth, drawn.RenderHeight);
            return new PictureSource(
                checked(width * height * 3), width, height, PixelFormat.Rgb, pixels => drawn.Render(pixels), tiles: null);
        }

        IEnvironment task = environment;
        while (task is EnvironmentWrapper wrapper)
            task = wrapper.Inner;
        var tiles = new FrameTiles(task.Spec);
        return task == environment || tiles.Frames == 0 ? null : new PictureSource(
            task.Spec.ObservationBytes, tiles.Width, tiles.Height, tiles.Format, pixels => task.Observe(pixels), tiles);
    }

    /// <summary>The thread that trains: takes the picture, [<see cref="Bytes"/>].</summary>
    public void Draw(byte[] pixels) => _draw(pixels);

    /// <summary>The one that serves: what was taken as rows of pixels.</summary>
    public ReadOnlySpan<byte> Pixels(byte[] taken) => _tiles is null ? taken : _tiles.Draw(taken);
}
