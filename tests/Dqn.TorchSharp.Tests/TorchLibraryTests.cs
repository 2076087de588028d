using System.Runtime.InteropServices;
using Dqn.Networks;
using Dqn.Networks.Loading;
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

    [TestCase("OPENBLAS_NUM_THREADS", "1")]
    [TestCase("OMP_WAIT_POLICY", "PASSIVE")]
    [TestCase("GOMP_SPINCOUNT", "10000")]
    [Platform("Linux")]
    public void Its_environment_is_set_where_native_code_reads_it(string variable, string value)
    {
        TorchLibrary.Load();
        string? own = Environment.GetEnvironmentVariable(variable);
        bool chosen = variable == "GOMP_SPINCOUNT" && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is not null;
        Assert.That(Native(variable), chosen ? Is.AnyOf(own, value) : Is.EqualTo(own ?? value));
    }

    [Test]
    [Platform("Linux")]
    public void A_variable_that_is_set_stays_and_one_of_dotnets_own_copy_counts()
    {
        string variable = $"DQN_TEST_{Guid.NewGuid():N}", other = $"DQN_TEST_{Guid.NewGuid():N}";
        Assert.That(SystemLibrary.SetUnlessSet(variable, "a"));
        Assert.That(Native(variable), Is.EqualTo("a"));
        Assert.That(SystemLibrary.SetUnlessSet(variable, "b"), Is.False);
        Assert.That(Native(variable), Is.EqualTo("a"));
        Environment.SetEnvironmentVariable(other, "c");
        Assert.That(SystemLibrary.SetUnlessSet(other, "d"), Is.False);
        Assert.That(Native(other), Is.EqualTo("c"));
    }

    private static string? Native(string variable) => Marshal.PtrToStringUTF8(NativeVariable(variable));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeVariable(string name);
}
