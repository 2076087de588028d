using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>LibTorch itself: loading it and choosing its device.</summary>
internal static partial class TorchLibrary
{
    static TorchLibrary()
    {
        // Some builds of LibTorch multiply matrices with OpenBLAS, whose threads then wait for LibTorch's: with two of
        // each one call in ten takes 100 ms. Its threads can only be limited before it is loaded, and only in the
        // process's own environment, of which .NET has a copy. A value that is there already is left alone.
        if (OperatingSystem.IsLinux())
            _ = SetEnvironment("OPENBLAS_NUM_THREADS", "1", overwrite: 0);
    }

    /// <summary>The device for a choice.</summary>
    /// <exception cref="NotSupportedException">LibTorch, or a CUDA device asked for, is not there.</exception>
    public static Device Device(TorchDevice choice)
    {
        try
        {
            bool cuda = choice != TorchDevice.Cpu && torch.cuda.is_available();
            if (choice == TorchDevice.Cuda && !cuda)
            {
                throw new NotSupportedException(
                    "LibTorch finds no CUDA device: expected an NVIDIA GPU with its driver, and the package " +
                    "TorchSharp-cuda-linux or TorchSharp-cuda-windows in place of TorchSharp-cpu.");
            }

            return new Device(cuda ? DeviceType.CUDA : DeviceType.CPU);
        }
        catch (Exception exception) when (exception is TypeInitializationException or DllNotFoundException)
        {
            throw new NotSupportedException(
                "LibTorch cannot be loaded: expected one of the packages TorchSharp-cpu, TorchSharp-cuda-linux and " +
                $"TorchSharp-cuda-windows. {exception.GetBaseException().Message}", exception);
        }
    }

    /// <summary>Whether GPUs may round factors to TensorFloat-32, in this whole process.</summary>
    public static void AllowTf32(bool allowed) =>
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (allowed, allowed);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
