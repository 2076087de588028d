using System.Diagnostics;
using System.Globalization;

namespace Dqn.Faults;

/// <summary>A <see cref="Victim"/> in a process of its own, whose announcements are followed.</summary>
internal sealed class VictimProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private long _announced;

    /// <summary>Starts it, under another program with these arguments if there are any.</summary>
    public VictimProcess(string folder, long steps, params string[] under) : this(folder, steps, seed: 1, under)
    {
    }

    /// <summary>Starts one of another seed.</summary>
    public VictimProcess(string folder, long steps, ulong seed, params string[] under)
    {
        string[] command =
        [
            .. under, Environment.ProcessPath!, "train", folder,
            steps.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0"; // it starts a little faster
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
    }

    /// <summary>The last step that it has announced.</summary>
    public long Announced => Interlocked.Read(ref _announced);

    /// <summary>Whether it goes on.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>What it has printed besides announcements.</summary>
    public string Said
    {
        get
        {
            lock (_lines)
                return string.Join(Environment.NewLine, _lines);
        }
    }

    /// <summary>Waits for its end.</summary>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits for its end, but not for longer.</summary>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForExit(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Ends it at once, as the system does with a process too many.</summary>
    public void Kill()
    {
        if (IsRunning)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (Victim.Announced(line) is var step and > 0)
        {
            Interlocked.Exchange(ref _announced, step);
            return;
        }

        lock (_lines)
            _lines.Add(line);
    }
}
