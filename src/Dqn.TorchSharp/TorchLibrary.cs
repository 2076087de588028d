using Dqn.Networks.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// LibTorch itself. Everything of Dqn loads it through here. A program that uses TorchSharp of its own accord calls
/// <see cref="Load"/> or asks <see cref="IsCudaAvailable"/> before, since loading is decided by the first use: afterwards
/// neither the environment variables have an effect nor the help for older Linux systems.
/// <para>
/// On Linux, <c>OPENBLAS_NUM_THREADS=1</c> and <c>OMP_WAIT_POLICY=PASSIVE</c> are set before, unless these variables are
/// set: builds on OpenBLAS stall otherwise, and threads that wait in a spin take the processor from those that work.
/// Where the system's C++ library is older than the one that TorchSharp was built with, TorchSharp's native library is
/// loaded so that it does without what it does not use.
/// </para>
/// </summary>
public static class TorchLibrary
{
    private static readonly Lazy<bool> Loaded = new(LoadOnce);

    /// <summary>Loads LibTorch, once for the process; any thread may call it, and any number of times.</summary>
    /// <exception cref="NotSupportedException">
    /// LibTorch is not there, or this system is too old for it; the message says what helps.
    /// </exception>
    public static void Load() => _ = Loaded.Value;

    /// <summary>Whether LibTorch finds a CUDA device; loads it where that is still to do.</summary>
    /// <inheritdoc cref="Load"/>
    public static bool IsCudaAvailable
    {
        get
        {
            Load();
            return torch.cuda.is_available();
        }
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
                // Both can only be told to LibTorch before it is loaded. Some builds multiply matrices with OpenBLAS,
                // whose threads then wait for LibTorch's: with two of each one call in ten takes 100 ms.
                SystemLibrary.SetUnlessSet("OPENBLAS_NUM_THREADS", "1");
                SystemLibrary.SetUnlessSet("OMP_WAIT_POLICY", "PASSIVE");
                OlderLinux.Load();
            }

            InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException
            or EntryPointNotFoundException or BadImageFormatException or NotSupportedException
            or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new NotSupportedException(
                "LibTorch cannot be loaded: expected one of the packages TorchSharp-cpu, TorchSharp-cuda-linux and " +
                $"TorchSharp-cuda-windows. {exception.GetBaseException().Message}", exception);
        }
    }
}
