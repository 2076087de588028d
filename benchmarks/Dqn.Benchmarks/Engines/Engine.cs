using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Benchmarks.Engines;

/// <summary>What may compute a network here, by the name that a table shows.</summary>
internal static class Engine
{
    public const string BuiltIn = "built-in";
    public const string LibTorchCpu = "LibTorch CPU";
    public const string LibTorchCuda = "LibTorch CUDA";
    public const string LibTorchCudaTf32 = "LibTorch CUDA, TF32";

    /// <summary>All of them, those that this machine lacks too.</summary>
    public static IReadOnlyList<string> All { get; } = [BuiltIn, LibTorchCpu, LibTorchCuda, LibTorchCudaTf32];

    /// <summary>Whether a package's LibTorch lies beside the program, where .NET looks first.</summary>
    public static bool IsLibTorchBesideProgram
    {
        get
        {
            string name = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS()
                ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
            string directories = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
            return directories.Split(Path.PathSeparator).Append(AppContext.BaseDirectory)
                .Any(directory => File.Exists(Path.Combine(directory, name)));
        }
    }

    /// <summary>Makes a network; the same seed gives the same parameters everywhere.</summary>
    /// <exception cref="NotSupportedException">LibTorch, or a CUDA device, is not there.</exception>
    public static IQNetwork Make(string engine, Sequential architecture, QNetworkOptions? options = null) =>
        engine switch
        {
            BuiltIn => new QNetwork(architecture, new Pcg64(1), options),
            LibTorchCpu => new TorchQNetwork(architecture, new Pcg64(1), options, TorchDevice.Cpu),
            LibTorchCuda => new TorchQNetwork(architecture, new Pcg64(1), options, TorchDevice.Cuda),
            LibTorchCudaTf32 => new TorchQNetwork(
                architecture, new Pcg64(1), options, TorchDevice.Cuda, new TorchOptions { AllowTf32 = true }),
            _ => throw new ArgumentException($"Expected one of {string.Join(", ", All)}, got {engine}.", nameof(engine)),
        };

    /// <summary>Why this machine cannot use an engine; null if it can.</summary>
    public static string? Missing(string engine)
    {
        try
        {
            Make(engine, new MlpActionValue(1, 1, 1)).Dispose();
            return null;
        }
        catch (NotSupportedException exception)
        {
            return exception.Message;
        }
    }
}
