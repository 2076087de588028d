namespace Dqn.Media;

/// <summary>
/// Takes the frames of a film one by one and makes a file of them. <see cref="Complete"/> makes the file appear;
/// disposed without it, nothing is left behind. Not safe for concurrent use.
/// </summary>
public interface IFrameSink : IDisposable
{
    /// <summary>Pixels per row of every frame.</summary>
    int Width { get; }

    /// <summary>Rows of every frame.</summary>
    int Height { get; }

    /// <summary>How many frames have been added.</summary>
    int FrameCount { get; }

    /// <summary>Appends a frame.</summary>
    /// <param name="rgb">[height × width × 3] bytes, rows from the top; not needed after the call.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidOperationException">The film is complete, or an earlier call has failed.</exception>
    /// <exception cref="IOException">The frame cannot be written.</exception>
    void Add(ReadOnlySpan<byte> rgb);

    /// <summary>Finishes the film and gives the file its name, replacing a file of that name.</summary>
    /// <exception cref="InvalidOperationException">There is no frame, or the film is complete already.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    void Complete();
}
