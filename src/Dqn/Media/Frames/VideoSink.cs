using System.Diagnostics;
using Dqn.Files;

namespace Dqn.Media;

/// <summary>
/// A video made by ffmpeg, which has to be installed: <c>.webm</c> as VP9, <c>.mp4</c> as H.264, both yuv420p, BT.709.
/// Frames go to ffmpeg as they come. Odd sizes get one more row or column of black for <c>.mp4</c>, which allows only
/// even ones.
/// <para>
/// ffmpeg runs in a session of its own where the system has <c>setsid</c>, so that a Ctrl-C meant for this program does
/// not cut the film short. An ffmpeg that takes no frame, or does not end, for a minute is stopped.
/// </para>
/// </summary>
/// <example><code>
/// using var film = new VideoSink("drive.webm", width: 96, height: 96, framesPerSecond: 50);
/// film.Add(rgb); // for each frame
/// film.Complete();
/// </code></example>
public sealed class VideoSink : IFrameSink
{
    private readonly string _path;
    private readonly ReplacingFile _file;
    private readonly Process _process;
    private readonly OutputTail _errors = new(lines: 12);
    private readonly Timer _watch;
    private volatile bool _hung;
    private bool _ended;
    private bool _disposed;

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="path">The file, replaced when the film is complete. Its extension is .webm or .mp4.</param>
    /// <param name="width">Pixels per row of every frame, at least 1.</param>
    /// <param name="height">Rows of every frame, at least 1.</param>
    /// <param name="framesPerSecond">Frames shown per second, above 0 to 1000.</param>
    /// <param name="ffmpeg">ffmpeg's name, looked for in the folders of PATH, or its full path.</param>
    /// <exception cref="ArgumentException">The extension is none of those, or a number out of its range.</exception>
    /// <exception cref="VideoEncodingException">ffmpeg is not there or cannot be started.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public VideoSink(string path, int width, int height, double framesPerSecond, string ffmpeg = "ffmpeg")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentException.ThrowIfNullOrWhiteSpace(ffmpeg);
        FrameSink.CheckSize(width, height);
        FrameRate rate = FrameRate.From(framesPerSecond);
        (_path, Width, Height) = (path, width, height);
        string[] encoding = Encoding(path);
        string executable = Executables.Find(ffmpeg) ?? throw NotFound(path, ffmpeg);

        _file = new ReplacingFile(path, seeks: true);
        _file.CloseStream(); // claimed: an unwritable folder shows now, and ffmpeg overwrites it
        string? session = Executables.IsExecutable(executable) ? Executables.Find("setsid") : null;
        _process = new Process { StartInfo = new ProcessStartInfo(session ?? executable) };
        ProcessStartInfo start = _process.StartInfo;
        if (session is not null)
            start.ArgumentList.Add(executable);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.CreateNoWindow = true;
        string[] input =
        [
            "-hide_banner", "-loglevel", "error", "-y",
            "-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", $"{width}x{height}", "-framerate", $"{rate}",
            "-i", "pipe:0", "-an",
        ];
        foreach (string argument in (string[])[.. input, .. encoding, _file.TemporaryPath])
            start.ArgumentList.Add(argument);
        _process.ErrorDataReceived += (_, e) => _errors.Add(e.Data);
        _process.OutputDataReceived += (_, _) => { };
        try
        {
            _process.Start();
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            _process.Dispose();
            _file.Dispose();
            throw new VideoEncodingException(
                $"Cannot make '{path}': '{executable}' could not be started ({e.Message}). {Alternative}", e);
        }

        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _watch = new Timer(_ => StopHung());
    }

    private const string Alternative = "Without ffmpeg a film can be an animated PNG (.png).";

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int Height { get; }

    /// <inheritdoc/>
    public int FrameCount { get; private set; }

    /// <summary>How long ffmpeg may take over a frame, and over the end.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    /// <exception cref="VideoEncodingException">ffmpeg has given up.</exception>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        CheckOpen();
        FrameSink.CheckFrame(rgb, Width, Height);
        Watch(Patience);
        try
        {
            _process.StandardInput.BaseStream.Write(rgb);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }

        Watch(Timeout.InfiniteTimeSpan);
        FrameCount++;
    }

    /// <inheritdoc/>
    /// <exception cref="VideoEncodingException">ffmpeg has failed.</exception>
    public void Complete()
    {
        CheckOpen();
        if (FrameCount == 0)
            throw new InvalidOperationException("A film needs at least one frame.");
        Watch(Patience);
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException e)
        {
            throw Failed(e);
        }

        _process.WaitForExit();
        Watch(Timeout.InfiniteTimeSpan);
        if (_process.ExitCode != 0 || new FileInfo(_file.TemporaryPath) is not { Exists: true, Length: > 0 })
            throw Failed(null);
        _file.Commit();
        _ended = true;
    }

    /// <summary>Ends ffmpeg, and leaves nothing behind unless <see cref="Complete"/> was called.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _watch.Dispose();
        Stop();
        _process.Dispose();
        _file.Dispose();
    }

    // What waits for ffmpeg then sees it end.
    private void Watch(TimeSpan patience) => _watch.Change(patience, Timeout.InfiniteTimeSpan);

    private void StopHung()
    {
        _hung = true;
        Stop();
    }

    private void CheckOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_ended)
            throw new InvalidOperationException("The film is complete, or ffmpeg has failed.");
    }

    // The file goes at once, so that a caller who forgets to dispose leaves no half film.
    private VideoEncodingException Failed(Exception? cause)
    {
        _ended = true;
        // A broken pipe comes before the exit it tells of; ffmpeg's last words come before its exit code.
        bool exited = _process.WaitForExit(TimeSpan.FromSeconds(5));
        if (exited)
            _process.WaitForExit();
        Stop();
        _file.Dispose();
        string said = _errors.ToString();
        return new VideoEncodingException(
            $"Cannot make '{_path}': ffmpeg {(_hung ? $"did nothing for {Patience.TotalSeconds:0} seconds and was stopped" : "failed")}{(exited && !_hung ? $" with exit code {_process.ExitCode}" : "")}" +
            $" after {FrameCount} frames{(said.Length == 0 ? "" : $", saying:\n{said}")}\n{Alternative}", cause!);
    }

    private void Stop()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
                _process.WaitForExit();
            }
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself meanwhile.
        }
    }

    private static string[] Encoding(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".webm" =>
        [
            "-vf", "scale=out_color_matrix=bt709:out_range=tv", .. Colors,
            "-c:v", "libvpx-vp9", "-b:v", "0", "-crf", "28", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1",
            "-f", "webm",
        ],
        ".mp4" =>
        [
            "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv", .. Colors,
            "-c:v", "libx264", "-crf", "20", "-preset", "medium", "-movflags", "+faststart", "-f", "mp4",
        ],
        var other => throw new ArgumentException(
            $"Cannot make a video named '{path}': expected .webm (VP9) or .mp4 (H.264), got " +
            $"{(other.Length == 0 ? "no extension" : other)}.", nameof(path)),
    };

    private static ReadOnlySpan<string> Colors => new[]
    {
        "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
    };

    private static VideoEncodingException NotFound(string path, string ffmpeg) => new(
        $"Cannot make '{path}': {Path.GetExtension(path)} needs ffmpeg, and '{ffmpeg}' was not found" +
        $"{(Path.GetFileName(ffmpeg) == ffmpeg ? " in the folders of PATH" : "")}. {Alternative}");
}
