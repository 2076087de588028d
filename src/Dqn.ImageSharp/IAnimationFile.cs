namespace Dqn.Media;

/// <summary>A format of animated pictures: what it allows, and how its file is put together.</summary>
internal interface IAnimationFile
{
    /// <summary>The most pixels in a row or a column.</summary>
    int MaximumSize { get; }

    /// <summary>A frame's left and top edges are multiples of this.</summary>
    int Alignment { get; }

    /// <summary>How many units of time make a second; durations are whole units.</summary>
    int UnitsPerSecond { get; }

    /// <summary>The longest that a frame can be shown, in units.</summary>
    int MaximumDuration { get; }

    /// <summary>The fastest that viewers show, in frames per second.</summary>
    int MaximumFramesPerSecond { get; }

    /// <summary>Writes what precedes the frames.</summary>
    void Begin(Stream file, int width, int height);

    /// <summary>Writes a frame that replaces a rectangle of the picture.</summary>
    /// <param name="file">The file, at its end.</param>
    /// <param name="area">The rectangle.</param>
    /// <param name="rgba">[area.Height × area.Width × 4] opaque pixels.</param>
    /// <param name="duration">How long it is shown, in units.</param>
    void Add(Stream file, PixelRectangle area, Memory<byte> rgba, int duration);

    /// <summary>Writes what follows the frames.</summary>
    void End(Stream file);
}
