using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dqn.Training;
using Microsoft.AspNetCore.Http;

namespace Dqn.Watching;

/// <summary>
/// What happens, to one page as server-sent events. There is no queue: five times a second a page that has taken what came
/// before gets the newest of everything, so that a slow one misses pictures and never holds anything up.
/// </summary>
internal sealed class EventStream(WatchedRun run, HttpContext context, CancellationToken closing)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(190), s_sign = TimeSpan.FromSeconds(10),
        s_tables = TimeSpan.FromSeconds(1);

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Dictionary<string, long> _sent = [];
    private RunStatus? _status;
    private string _state = "";
    private EvaluatedTracks? _tracks;
    private ImmutableArray<RunTable> _tables = [];
    private long _tablesAt;
    private long _version = -1, _lines, _moment = -1, _picture = -1;

    /// <summary>Goes on until the page or the dashboard is closed.</summary>
    public async Task RunAsync()
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, closing);
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        run.Enter();
        try
        {
            using var timer = new PeriodicTimer(s_tick);
            TimeSpan silent = s_sign;
            do
            {
                WriteNews();
                silent += s_tick;
                if (_buffer.WrittenCount == 0 && silent < s_sign)
                    continue;
                if (_buffer.WrittenCount == 0)
                    _buffer.Write(": here\n\n"u8);
                silent = TimeSpan.Zero;
                await context.Response.Body.WriteAsync(_buffer.WrittenMemory, either.Token);
                await context.Response.Body.FlushAsync(either.Token);
                _buffer.ResetWrittenCount();
            }
            while (await timer.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            await SayGoodbyeAsync();
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The page is gone.
        }
        finally
        {
            run.Leave();
        }
    }

    private void WriteNews()
    {
        string state = RunState.Of(run);
        RunStatus status = run.Status;
        if (!ReferenceEquals(status, _status) || state != _state)
        {
            (_status, _state) = (status, state);
            Write("status", writer => RunState.Write(writer, state, status));
        }

        long version = run.Series.Version;
        if (version != _version)
        {
            _version = version;
            Write("points", writer => run.Series.WriteNew(writer, _sent));
        }

        if (run.Tracks is { } tracks && !ReferenceEquals(tracks, _tracks))
        {
            _tracks = tracks;
            Write("tracks", writer => WriteTracks(writer, tracks));
        }

        if (run.Log.Count != _lines)
            Write("log", WriteLines);
        WriteTables();
        if (run.Moments is not { } moments)
            return;
        (long moment, byte[] json) = moments.Newest();
        if (moment != _moment)
        {
            _moment = moment;
            Write("moment", json);
        }

        long picture = moments.PictureStep;
        if (picture != _picture)
        {
            _picture = picture;
            Write("picture", writer => writer.WriteNumberValue(picture));
        }
    }

    // About once a second, since who makes them may have to ask around.
    private void WriteTables()
    {
        if (_tablesAt != 0 && Stopwatch.GetElapsedTime(_tablesAt) < s_tables)
            return;
        _tablesAt = Stopwatch.GetTimestamp();
        ImmutableArray<RunTable> tables = run.Tables();
        if (tables.SequenceEqual(_tables))
            return;
        _tables = tables;
        Write("tables", writer => RunTables.Write(writer, tables));
    }

    private async Task SayGoodbyeAsync()
    {
        try
        {
            _buffer.ResetWrittenCount();
            WriteNews();
            Write("closed", writer => writer.WriteStringValue(RunState.Of(run)));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await context.Response.Body.WriteAsync(_buffer.WrittenMemory, patience.Token);
            await context.Response.Body.FlushAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The page is gone too.
        }
    }

    private void WriteLines(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach ((DateTimeOffset time, string text) in run.Log.After(ref _lines))
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(time == DateTimeOffset.MinValue ? 0 : time.ToUnixTimeMilliseconds());
            writer.WriteStringValue(text);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void WriteTracks(Utf8JsonWriter writer, EvaluatedTracks tracks)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", tracks.Step);
        writer.WriteStartArray("episodes");
        foreach ((ulong seed, double sum, long steps, bool terminated) in tracks.Episodes)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(seed);
            writer.WriteNumberValue(Math.Round(double.IsFinite(sum) ? sum : 0, 3));
            writer.WriteNumberValue(steps);
            writer.WriteBooleanValue(terminated);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Write(string name, Action<Utf8JsonWriter> write)
    {
        Encoding.UTF8.GetBytes($"event: {name}\ndata: ", _buffer);
        using (var writer = new Utf8JsonWriter(_buffer))
            write(writer);
        _buffer.Write("\n\n"u8);
    }

    private void Write(string name, byte[] json)
    {
        Encoding.UTF8.GetBytes($"event: {name}\ndata: ", _buffer);
        _buffer.Write(json);
        _buffer.Write("\n\n"u8);
    }
}
