using System.Runtime.InteropServices;
using Dqn.Networks;
using Torch = TorchSharp.torch;

namespace Dqn.Tests.TorchEngine;

/// <summary>Loading LibTorch before anything else uses it.</summary>
public partial class TorchLibraryTests
{
    [Test]
    public void It_may_be_loaded_by_many_threads_and_many_times()
    {
        Parallel.For(0, 8, _ => TorchLibrary.Load());
        using Torch.Tensor two = Torch.ones(1) + 1;
        Assert.That(two.item<float>(), Is.EqualTo(2));
        Assert.That(TorchLibrary.IsCudaAvailable, Is.EqualTo(Torch.cuda.is_available()));
    }

    [TestCase("OPENBLAS_NUM_THREADS")]
    [TestCase("OMP_WAIT_POLICY")]
    [Platform("Linux")]
    public void Its_environment_is_set_where_native_code_reads_it(string variable)
    {
        TorchLibrary.Load();
        string expected = Environment.GetEnvironmentVariable(variable) // what the process was started with
            ?? (variable == "OMP_WAIT_POLICY" ? "PASSIVE" : "1");
        Assert.That(Marshal.PtrToStringUTF8(NativeVariable(variable)), Is.EqualTo(expected));
    }

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeVariable(string name);
}
