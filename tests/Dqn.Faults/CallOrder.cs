using System.Text.RegularExpressions;

namespace Dqn.Faults;

/// <summary>
/// Reads what a run asks of the system, by strace, and checks the order that a power loss must find at any moment: a
/// file's content lies on the disk before its name, the parts' names before the manifest, the manifest's before anything
/// older goes, and a manifest is gone for good before its parts go.
/// </summary>
internal sealed partial class CallOrder
{
    private const long Steps = 3000;

    private readonly HashSet<string> _flushed = []; // files whose content lies on the disk
    private readonly HashSet<string> _pending = []; // names that were made or removed since their folder was flushed
    private readonly HashSet<string> _removed = [];
    private readonly List<string> _faults = [];
    private int _calls;

    public int Run()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dqn-order-");
        string log = Path.Combine(folder.FullName, "log");
        try
        {
            using (var victim = new VictimProcess(
                Path.Combine(folder.FullName, "run"), Steps,
                "strace", "-f", "-y", "-qq", "-o", log, "-e", "trace=fsync,rename,unlink,mkdir"))
            {
                victim.WaitForExit();
            }

            foreach (string line in File.ReadLines(log))
                if (line.Contains(folder.FullName, StringComparison.Ordinal) && Call().Match(line) is { Success: true } call)
                    Take(call.Groups["name"].Value, call.Groups["path"].Value, call.Groups["to"].Value);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        _faults.ForEach(Console.WriteLine);
        Console.WriteLine($"{_calls} calls, {Steps / 100} checkpoints: {_faults.Count} out of order");
        return _calls > 0 && _faults.Count == 0 ? 0 : 1;
    }

    private void Take(string call, string path, string to)
    {
        _calls++;
        switch (call)
        {
            case "fsync":
                _flushed.Add(path);
                _pending.RemoveWhere(name => Path.GetDirectoryName(name) == path);
                break;
            case "mkdir":
                _pending.Add(path);
                break;
            case "rename":
                Expect(_flushed.Remove(path), $"{to} is named before its content lies on the disk");
                if (IsManifest(to))
                    Expect(_pending.Count == 0, $"{to} is named before {_pending.FirstOrDefault()}");
                _pending.Add(to);
                break;
            case "unlink" when IsManifest(path):
                Expect(!_pending.Any(name => IsManifest(name) && !_removed.Contains(name)),
                    $"{path} goes before what is newer lies on the disk");
                Remove(path);
                break;
            case "unlink" when path.EndsWith(".part", StringComparison.Ordinal):
                Expect(!_pending.Any(IsManifest), $"{path} goes before its manifest is gone for good");
                Remove(path);
                break;
        }
    }

    private void Remove(string path)
    {
        _removed.Add(path);
        _pending.Add(path);
    }

    private void Expect(bool right, string fault)
    {
        if (!right)
            _faults.Add(fault);
    }

    private static bool IsManifest(string path) => path.EndsWith(".manifest", StringComparison.Ordinal);

    // 25480 fsync(59</tmp/run>) = 0     25480 rename("/tmp/run/.dqn-1.tmp", "/tmp/run/latest.pt") = 0
    [GeneratedRegex("""(?<name>fsync|rename|unlink|mkdir)\((\d+<)?"?(?<path>/[^">]*)"?>?(, "(?<to>[^"]*)")?.*= 0$""")]
    private static partial Regex Call();
}
