using System.Runtime.InteropServices;
using Dqn.Networks.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// LibTorch itself, loaded once for the process. Dqn's own types load it when the first is made. A program that uses
/// TorchSharp directly calls <see cref="Load"/> or asks <see cref="IsCudaAvailable"/> first: what follows takes effect
/// only before TorchSharp's first use.
/// <para>
/// Older Linux: where the system's C++ library is older than the one that TorchSharp was built with, TorchSharp's native
/// library is loaded without what it asks for and does not use. So it runs on Debian 12 and Ubuntu 22.04.
/// </para>
/// <para>
/// Environment: on Linux <c>OPENBLAS_NUM_THREADS=1</c>, <c>OMP_WAIT_POLICY=PASSIVE</c> and <c>GOMP_SPINCOUNT=10000</c>
/// are set, each unless it is set already, the last only together with the second. Builds on OpenBLAS stall without the
/// first. Without the others LibTorch's threads wait for each other in a spin of 3 ms, which on a busy machine keeps from
/// work those that they wait for; now they spin for a thirtieth of that, then sleep. <c>GOMP_SPINCOUNT=0</c> lets them
/// sleep at once: best on a machine that is always busy, costly on one that is idle.
/// </para>
/// </summary>
/// <remarks>
/// Milliseconds for one fit of <see cref="CnnActionValue"/> at batch 32 on two threads, LibTorch 2.10, on a 2-core AMD
/// EPYC (Zen 4 class, AVX-512) virtual machine that others used too; medians of alternating runs, in brackets the range
/// of the runs' own medians:
/// <list type="table">
/// <listheader><term>waiting</term><description>first in line; beside two busy loops</description></listheader>
/// <item><term>as LibTorch is by itself</term><description>24.6 (24.1 … 31.0); 107 (91 … 556)</description></item>
/// <item><term>as set here</term><description>26.5 (23.8 … 41.4); 68.7 (57 … 81)</description></item>
/// <item><term>asleep at once</term><description>57.0 (38.6 … 75.2); 38.4 (32 … 62)</description></item>
/// </list>
/// </remarks>
public static class TorchLibrary
{
    private static readonly Lazy<bool> Loaded = new(LoadOnce);

    /// <summary>
    /// Loads LibTorch. Any thread may call it, any number of times; the first call counts, and what it threw is thrown
    /// again.
    /// </summary>
    /// <exception cref="NotSupportedException">
    /// LibTorch is not there, it is damaged, or the system is too old for it. The message names what is missing and what helps.
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

    /// <summary>Whether GPUs may round factors to TensorFloat-32, in this whole process.</summary>
    internal static void AllowTf32(bool allowed) =>
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (allowed, allowed);

    private static bool LoadOnce()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // LibTorch reads them while it is loaded. Some builds multiply matrices with OpenBLAS, whose threads
                // then wait for LibTorch's: with two of each one call in ten takes 100 ms.
                SystemLibrary.SetUnlessSet("OPENBLAS_NUM_THREADS", "1");
                if (SystemLibrary.SetUnlessSet("OMP_WAIT_POLICY", "PASSIVE"))
                    SystemLibrary.SetUnlessSet("GOMP_SPINCOUNT", "10000");
                OlderLinux.Load();
            }

            InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception exception) when (exception is PlatformNotSupportedException or InvalidDataException)
        {
            throw new NotSupportedException($"LibTorch cannot be loaded: {exception.Message}", exception);
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

    private static bool IsFailure(Exception exception) => exception is TypeInitializationException
        or DllNotFoundException or EntryPointNotFoundException or BadImageFormatException or NotSupportedException
        or IOException or UnauthorizedAccessException;

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
