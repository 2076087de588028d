using System.CommandLine;
using Dqn.Benchmarks.Engines;

namespace Dqn.Benchmarks.Gpu;

/// <summary>
/// Measures the learner on whatever this machine has, beside PyTorch, in a few minutes. Where LibTorch is not beside the
/// program, it takes the machine's own PyTorch's. For a machine without .NET:
/// <c>dotnet publish benchmarks/Dqn.Benchmarks -c Release -r linux-x64 --self-contained</c>.
/// </summary>
internal static class GpuCommand
{
    private const string ColumnCommand = "gpu-column";

    // What TorchSharp was built against.
    private const string LibTorchVersion = "2.10";

    // For each of five processes, so that all of it stays below five minutes.
    private const double Limit = 45;

    public static Command Create()
    {
        var python = new Option<string>("--python") { Description = "An interpreter that has PyTorch.", DefaultValueFactory = _ => "python3" };
        var output = new Option<FileInfo?>("--out") { Description = "Where to write the table, as markdown." };
        Option<double> seconds = new Option<double>("--seconds")
        {
            Description = "How long to measure each figure.",
            DefaultValueFactory = _ => 0.7,
        }.AboveZero();
        var command = new Command(
            "gpu", "The learner on the processor and the GPU beside PyTorch, in five minutes. LibTorch comes with -p:LibTorch=NAME, or else is that PyTorch's.")
        {
            python, output, seconds,
        };
        command.SetAction(result => Run(result.GetRequiredValue(python), result.GetRequiredValue(seconds), result.GetValue(output)?.FullName));
        return command;
    }

    /// <summary>What <see cref="Create"/>'s command starts for each column, in a process of its own.</summary>
    public static Command CreateColumn()
    {
        var column = new Argument<string>("column");
        Argument<double> seconds = new("seconds"), limit = new("limit");
        var command = new Command(ColumnCommand, "One column of gpu's table.") { column, seconds, limit };
        command.Hidden = true;
        command.SetAction(result => LearnerMeasurements.Print(
            result.GetRequiredValue(column), result.GetRequiredValue(seconds), result.GetRequiredValue(limit)));
        return command;
    }

    private static void Run(string python, double seconds, string? path)
    {
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
        if (path is not null)
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
}
