using System.ComponentModel;
using System.Diagnostics;

namespace Dqn.Benchmarks.Gpu;

/// <summary>What a process printed, and what went wrong with it; null for nothing.</summary>
internal sealed record Outcome(IReadOnlyList<string> Lines, string? Problem)
{
    public IEnumerable<Measurement> Measurements => Lines.Select(Measurement.Parse).OfType<Measurement>();

    /// <summary>Runs a process to its end, or ends it when its time is over: what it printed until then counts.</summary>
    public static Outcome Of(
        string program, string[] arguments, (string Name, string Value)[] environment, TimeSpan patience)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        List<string> lines = [], errors = [];
        try
        {
            using Process process = Process.Start(start)!;
            process.OutputDataReceived += (_, line) => Keep(lines, line.Data);
            process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
                return new Outcome(lines, $"not done after {patience.TotalSeconds:0} s; what is missing was not measured");
            }

            process.WaitForExit();
            return new Outcome(lines, process.ExitCode == 0
                ? (errors.Count > 0 ? Ends(errors) : null)
                : $"exit code {process.ExitCode}. {Ends(errors)}".TrimEnd());
        }
        catch (Win32Exception)
        {
            return new Outcome(lines, $"there is no program {program}");
        }
    }

    /// <summary>.NET says first what happened, Python last.</summary>
    private static string Ends(List<string> lines) =>
        string.Join(' ', lines.Count <= 4 ? lines : [.. lines.Take(2), "…", .. lines.TakeLast(2)]);

    private static void Keep(List<string> lines, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
            lines.Add(line.Trim());
    }
}
