using System.Globalization;
using Dqn.Benchmarks.Engines;

namespace Dqn.Benchmarks.Gpu;

/// <summary>
/// Measures the learner on whatever this machine has, beside PyTorch, in a few minutes: <c>gpu [--python PYTHON] [--out
/// FILE] [--seconds S]</c>. Where LibTorch is not beside the program, it takes the machine's own PyTorch's.
/// </summary>
internal static class GpuCommand
{
    /// <summary>The first argument of the process that measures a column.</summary>
    public const string ColumnCommand = "gpu-column";

    // What TorchSharp was built against.
    private const string LibTorchVersion = "2.10";

    // For each of five processes, so that all of it stays below five minutes.
    private const double Limit = 45;

    public static void Run(string[] arguments)
    {
        Dictionary<string, string> options = Options(arguments);
        string python = options.GetValueOrDefault("--python", "python3");
        double seconds = double.Parse(options.GetValueOrDefault("--seconds", "0.7"), CultureInfo.InvariantCulture);
        GpuTable table = new();
        (PyTorch? torch, string reason) = PyTorch.Find(python);
        if (torch is null)
            table.Notes.Add($"No PyTorch by {python}: {reason}");
        (string Name, string Value)[] environment = LibTorch(torch, table.Notes);
        foreach (string engine in Engine.All)
        {
            // Without a GPU once is enough to say so.
            if (engine == Engine.LibTorchCudaTf32 && !table.Has(Engine.LibTorchCuda))
                continue;
            Console.WriteLine($"{engine} …");
            table.Add(engine, Outcome.Of(
                Environment.ProcessPath!, [.. Self(), ColumnCommand, engine, $"{seconds}", $"{Limit}"], environment,
                TimeSpan.FromSeconds(Limit + 30)));
        }

        if (torch is not null)
        {
            Console.WriteLine($"PyTorch {torch.Version} …");
            table.Add("PyTorch", torch.Measure(seconds, Limit));
        }

        string text = table.Write();
        Console.WriteLine();
        Console.WriteLine(text);
        if (options.TryGetValue("--out", out string? path))
            File.WriteAllText(path, text);
    }

    /// <summary>What the processes that need LibTorch have to know to find it.</summary>
    private static (string Name, string Value)[] LibTorch(PyTorch? torch, List<string> notes)
    {
        if (torch is not null)
            notes.Add($"PyTorch {torch.Version}, CUDA {torch.Cuda}.");
        if (Engine.IsLibTorchBesideProgram)
        {
            notes.Add("LibTorch: the package's, beside the program.");
            return [];
        }

        if (torch is null)
        {
            notes.Add(
                "LibTorch: none beside the program; build with -p:LibTorch=NAME of a package that brings it, or name " +
                "an interpreter that has PyTorch with --python.");
            return [];
        }

        notes.Add($"LibTorch: PyTorch's own, {torch.Version}." + (torch.Version.StartsWith(LibTorchVersion + ".", StringComparison.Ordinal)
            ? ""
            : $" TorchSharp was built for {LibTorchVersion}: it may not load, and if it does, nothing is promised."));
        string name = OperatingSystem.IsWindows() ? "PATH" : "LD_LIBRARY_PATH";
        string? present = Environment.GetEnvironmentVariable(name);
        return [(name, string.IsNullOrEmpty(present) ? torch.Libraries : torch.Libraries + Path.PathSeparator + present)];
    }

    /// <summary>What starts this program again: itself, or dotnet with the assembly.</summary>
    private static string[] Self() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Path.Combine(AppContext.BaseDirectory, "Dqn.Benchmarks.dll")]
            : [];

    private static Dictionary<string, string> Options(string[] arguments)
    {
        string[] known = ["--python", "--out", "--seconds"];
        Dictionary<string, string> options = [];
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i]) || i + 1 == arguments.Length)
            {
                throw new ArgumentException(
                    $"Expected {string.Join(", ", known)} with a value each, got {string.Join(' ', arguments)}.");
            }

            options[arguments[i]] = arguments[i + 1];
        }

        return options;
    }
}
