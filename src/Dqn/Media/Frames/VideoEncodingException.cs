namespace Dqn.Media;

/// <summary>ffmpeg is not there, or it failed; the message says which and what ffmpeg said.</summary>
public sealed class VideoEncodingException : IOException
{
    /// <summary>An exception with the given message.</summary>
    public VideoEncodingException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with the given message and cause.</summary>
    public VideoEncodingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
