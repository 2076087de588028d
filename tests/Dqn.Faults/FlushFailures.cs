using System.Globalization;

namespace Dqn.Faults;

/// <summary>
/// Lets one call of fsync after another fail, and once all from some call on. Where it mattered, the run must end with
/// an error or, for a file that is only for people, warn; either way what it announced must load.
/// </summary>
internal sealed class FlushFailures(int count)
{
    private const long Steps = 500;

    public int Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dqn-fsync-");
        int tries = 0, silent = 0, lost = 0, ended = 0, warned = 0;
        try
        {
            string log = Path.Combine(folder.FullName, "log");
            int calls = Trace(Path.Combine(folder.FullName, "whole"), log, "").Calls;
            Console.WriteLine($"a run of {Steps} steps calls fsync {calls} times");
            int last = count > 0 ? Math.Min(count, calls) : calls;
            foreach (string error in (string[])["EIO", "ENOSPC", "EDQUOT"])
            {
                foreach (string suffix in (string[])["", "+"])
                {
                    for (int call = 1; call <= last; call++)
                    {
                        string name = Path.Combine(folder.FullName, $"run-{tries++}");
                        string when = string.Create(CultureInfo.InvariantCulture, $"{error}:when={call}{suffix}");
                        (int code, long announced, string said, _) = Trace(name, log, when);
                        ended += code != 0 ? 1 : 0;
                        warned += code == 0 ? 1 : 0;
                        if (!said.Contains("Cannot bring", StringComparison.Ordinal))
                        {
                            silent++;
                            Console.WriteLine($"{when}: nobody noticed; exit code {code}. {said}");
                        }

                        if (Victim.Problem(name, announced) is { } problem)
                        {
                            lost++;
                            Console.WriteLine($"{when}: {problem}");
                        }
                    }
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Console.WriteLine($"{tries} runs with failing fsync: {ended} ended with an error, {warned} warned and went on, "
            + $"{silent} said nothing, {lost} with something announced lost");
        return silent + lost == 0 ? 0 : 1;
    }

    private static (int Code, long Announced, string Said, int Calls) Trace(string folder, string log, string error)
    {
        string[] inject = error.Length == 0 ? [] : ["-e", $"inject=fsync:error={error}"];
        using var victim = new VictimProcess(
            folder, Steps, ["strace", "-f", "-qq", "-o", log, "-e", "trace=fsync", .. inject]);
        int code = victim.WaitForExit();
        int calls = File.ReadLines(log).Count(line => line.Contains("fsync(", StringComparison.Ordinal));
        return (code, victim.Announced, victim.Said, calls);
    }
}
