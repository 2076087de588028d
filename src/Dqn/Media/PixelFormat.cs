namespace Dqn.Media;

/// <summary>How a picture's bytes are laid out: rows from the top, pixels from the left, 8 bits per channel.
/// The value is the number of channels.</summary>
public enum PixelFormat
{
    /// <summary>One byte per pixel, 0 black … 255 white.</summary>
    Grey = 1,

    /// <summary>Three bytes per pixel: red, green, blue.</summary>
    Rgb = 3,

    /// <summary>Four bytes per pixel: red, green, blue, opacity (not premultiplied).</summary>
    Rgba = 4,
}
