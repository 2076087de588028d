namespace Dqn.Tests.TorchEngine.Loading;

/// <summary>The files that TorchSharp's packages brought.</summary>
internal static class TorchSharpFiles
{
    /// <summary>TorchSharp's native library for Linux, which its package brings on every system.</summary>
    public static string NativeLibrary { get; } =
        Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
}
