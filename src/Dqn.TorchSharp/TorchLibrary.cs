using System.Runtime.InteropServices;
using Dqn.Networks.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// LibTorch itself, loaded once for the process. Dqn's own types load it when they are first made. A program that uses
/// TorchSharp directly calls <see cref="Load"/> or asks <see cref="IsCudaAvailable"/> first: what follows takes effect
/// only before TorchSharp's first use.
/// <para>
/// On Linux, <c>OPENBLAS_NUM_THREADS=1</c> and <c>OMP_WAIT_POLICY=PASSIVE</c> are set, unless these environment variables
/// are set: builds on OpenBLAS stall otherwise, and LibTorch's waiting threads spin, which keeps others from work. And
/// where the system's C++ library is older than the one that TorchSharp was built with, TorchSharp's native library is
/// loaded without what it asks for and does not use: so it runs on Debian 12 and Ubuntu 22.04.
/// </para>
/// </summary>
public static class TorchLibrary
{
    private static readonly Lazy<bool> Loaded = new(LoadOnce);

    /// <summary>
    /// Loads LibTorch. Any thread may call it, any number of times; the first call counts, and what it threw is thrown
    /// again.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// LibTorch is not there, or the system is too old for it. The message names what is missing and what helps.
    /// </exception>
    public static void Load() => _ = Loaded.Value;

    /// <summary>Whether LibTorch finds a CUDA device; loads it first.</summary>
    /// <exception cref="NotSupportedException">As for <see cref="Load"/>.</exception>
    public static bool IsCudaAvailable
    {
        get
        {
            Load();
            return torch.cuda.is_available();
        }
    }

    /// <summary>A module's name, once LibTorch is loaded: for a constructor to hand to TorchSharp's.</summary>
    internal static string LoadFor(string module)
    {
        Load();
        return module;
    }

    /// <summary>The device for a choice.</summary>
    /// <exception cref="NotSupportedException">LibTorch, or a CUDA device asked for, is not there.</exception>
    internal static Device Device(TorchDevice choice)
    {
        Load();
        bool cuda = choice != TorchDevice.Cpu && IsCudaAvailable;
        if (choice == TorchDevice.Cuda && !cuda)
        {
            throw new NotSupportedException(
                "LibTorch finds no CUDA device: expected an NVIDIA GPU with its driver, and the package " +
                "TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu.");
        }

        return new Device(cuda ? DeviceType.CUDA : DeviceType.CPU);
    }

    private static bool LoadOnce()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // LibTorch reads them while it is loaded. Some builds multiply matrices with OpenBLAS, whose threads
                // then wait for LibTorch's: with two of each one call in ten takes 100 ms.
                SystemLibrary.SetUnlessSet("OPENBLAS_NUM_THREADS", "1");
                SystemLibrary.SetUnlessSet("OMP_WAIT_POLICY", "PASSIVE");
                OlderLinux.Load();
            }

            InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw new NotSupportedException(
                "LibTorch cannot be loaded: expected the program to reference a package that brings it, " +
                "TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows, or for one system alone " +
                "libtorch-cpu-linux-x64, libtorch-cpu-win-x64 or libtorch-cpu-osx-arm64 (Dqn's samples and benchmarks: " +
                $"-p:LibTorch= and its name). {ReasonFor(exception)}", exception);
        }
    }

    // What says by itself that the system is too old stays as it is.
    private static bool IsFailure(Exception exception) => exception is TypeInitializationException
        or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or IOException
        or UnauthorizedAccessException or (NotSupportedException and not PlatformNotSupportedException);

    /// <summary>What the system says to the library, which TorchSharp's exceptions leave out.</summary>
    private static string ReasonFor(Exception exception)
    {
        if (exception is not DllNotFoundException)
        {
            try
            {
                if (OlderLinux.Find(OlderLinux.Name) is { } path)
                    NativeLibrary.Load(path);
                else
                    NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
            }
            catch (Exception reason) when (reason is DllNotFoundException or BadImageFormatException)
            {
                exception = reason;
            }
        }

        // .NET puts advice before the dynamic loader's words.
        return exception.GetBaseException().Message.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();
    }
}
