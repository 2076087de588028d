using System.Diagnostics;

namespace Dqn.Media;

/// <summary>
/// Shows frames in a terminal with 24-bit colours as they come, in real time if that is wanted: a film without a file. The
/// terminal's other screen is used meanwhile; disposing comes back from it.
/// </summary>
/// <example><code>
/// using var terminal = new TerminalSink(Console.Out, 600, 400, framesPerSecond: 50);
/// EpisodeFilm.Record(environment, policy.Act, terminal);
/// </code></example>
public sealed class TerminalSink : IFrameSink
{
    private readonly TextWriter _terminal;
    private readonly TimeSpan _interval;
    private readonly CancellationToken _cancellationToken;
    private readonly Stopwatch _clock = new();
    private TerminalImage? _image;
    private bool _disposed;

    /// <summary>Switches to the terminal's other screen.</summary>
    /// <param name="terminal">Where to; stays open. Buffered, it flickers less.</param>
    /// <param name="width">Pixels per row of every frame, at least 1.</param>
    /// <param name="height">Rows of every frame, at least 1.</param>
    /// <param name="framesPerSecond">How many frames are shown in a second at most; 0: as they come.</param>
    /// <param name="cancellationToken">Ends the waiting between two frames.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public TerminalSink(
        TextWriter terminal, int width, int height, double framesPerSecond = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        FrameSink.CheckSize(width, height);
        if (!(framesPerSecond is >= 0 and <= 1000))
        {
            throw new ArgumentOutOfRangeException(
                nameof(framesPerSecond), framesPerSecond, $"Expected 0 … 1000 frames per second, got {framesPerSecond}.");
        }

        (_terminal, Width, Height, _cancellationToken) = (terminal, width, height, cancellationToken);
        _interval = framesPerSecond == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1 / framesPerSecond);
        _terminal.Write(TerminalImage.Enter);
    }

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int FrameCount { get; private set; }

    /// <summary>Gives the line below the picture; null for none.</summary>
    public Func<string>? Caption { get; init; }

    /// <summary>How many columns and lines there are; unless set, as the console says, 80 × 24 where it is redirected.</summary>
    public Func<(int Columns, int Lines)> Size { get; init; } = ConsoleSize;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Wait();
        (int width, int lines) = Size();
        (int columns, int rows) = TerminalImage.Fit(Width, Height, Math.Max(1, width), Math.Max(1, lines - 1));
        if (_image is null || (_image.Columns, _image.Rows) != (columns, rows))
        {
            _image = new TerminalImage(columns, rows);
            _terminal.Write("\e[2J");
        }

        _terminal.Write(_image.Render(rgb, Width, Height));
        if (Caption is { } caption)
            _terminal.Write($"\e[{rows + 1};1H\e[0m\e[K{caption()}");
        _terminal.Flush();
        FrameCount++;
    }

    /// <summary>Shows the last frame for as long as the others.</summary>
    public void Complete() => Wait();

    /// <summary>Comes back to the terminal's own screen.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _terminal.Write(TerminalImage.Leave);
        _terminal.Flush();
    }

    // From when the film began, so that a slow frame is made up for.
    private void Wait()
    {
        if (FrameCount == 0)
            _clock.Start();
        TimeSpan ahead = _interval * FrameCount - _clock.Elapsed;
        if (ahead > TimeSpan.Zero)
            _cancellationToken.WaitHandle.WaitOne(ahead);
    }

    private static (int Columns, int Lines) ConsoleSize() =>
        Console.IsOutputRedirected ? (80, 24) : (Console.WindowWidth, Console.WindowHeight);
}
