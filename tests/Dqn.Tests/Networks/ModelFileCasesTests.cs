using System.Runtime.InteropServices;
using System.Text.Json;
using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Networks;

/// <summary>Model files in the forms that people have; the values are PyTorch's.</summary>
public class ModelFileCasesTests
{
    private static string PathOf(string file) => GoldenFiles.PathOf($"cases/{file}");

    private static Sequential Numbers(int actions) => new([4], pixels: false, [new Linear("any", actions)]);

    private static Sequential Pixels() =>
        new([4, 84, 84], pixels: true, [new Flatten(), new Linear("any", 5)]);

    [TestCase("a.safetensors", 2, "")]
    [TestCase("b.safetensors", 2, "")]
    [TestCase("b.pt", 2, "")]
    [TestCase("c.pt", 4, "q_net")]
    [TestCase("e.pt", 2, "")]
    public void Networks_of_numbers_give_PyTorchs_values(string file, int actions, string prefix)
    {
        using JsonDocument values = Values();
        float[] input = Floats(values.RootElement.GetProperty("numbers_input"));
        using LoadedNetwork loaded = NetworkFile.Read(PathOf(file), Numbers(actions));
        AssertValues(loaded.Network, MemoryMarshal.AsBytes<float>(input), values, "numbers", file);
        Assert.That((loaded.Source, loaded.Prefix), Is.EqualTo((ArchitectureSource.Inferred, prefix)));
        Assert.That(loaded.Assumptions[0], Does.Contain("does not say its architecture"));
        Assert.That(string.Join(" ", loaded.Assumptions), Does.Contain("Rectifiers"));
    }

    [TestCase("model_first.pt", "model_state_dict")]
    [TestCase("epoch_first.pt", "model_state_dict")]
    [TestCase("device.pt", "model_state_dict")]
    [TestCase("cleanrl_dqn.pt", "")]
    [TestCase("sb3_policy.pth", "q_net")]
    public void Networks_of_pixels_give_PyTorchs_values(string file, string prefix)
    {
        using JsonDocument values = Values();
        byte[] input = GoldenFiles.ReadBytes("cases/pixels.bin");
        using LoadedNetwork loaded = NetworkFile.Read(PathOf(file), Pixels());
        AssertValues(loaded.Network, input, values, "pixels", file);
        Assert.That((loaded.Source, loaded.Prefix), Is.EqualTo((ArchitectureSource.Inferred, prefix)));
        Assert.That(string.Join(" ", loaded.Assumptions), Does.Contain("assumed: 4, 2, 1"));
    }

    [Test]
    public void No_metadata_reads_like_none()
    {
        StateDict read = StateDictFile.Read(PathOf("meta-null.safetensors"), out var metadata);
        Assert.That((read.Names.Single(), metadata.Count), Is.EqualTo(("t", 0)));
    }

    [Test]
    public void The_online_network_is_said_to_be_assumed_and_the_target_can_be_asked_for()
    {
        using LoadedNetwork online = NetworkFile.Read(PathOf("c.pt"), Numbers(4));
        Assert.That(
            string.Join(" ", online.Assumptions),
            Does.Contain("'q_net' is assumed to be the online one").And.Contain("'q_net_target'"));
        using LoadedNetwork target = NetworkFile.Read(
            PathOf("c.pt"), Numbers(4), new NetworkFileOptions { Prefix = "q_net_target" });
        Assert.That(target.Prefix, Is.EqualTo("q_net_target"));
        Assert.That(
            target.Network.GetStateDict()["q_net.0.weight"].Data,
            Is.EqualTo(StateDictFile.Read(PathOf("c.pt"))["q_net_target.q_net.0.weight"].Data));
        Assert.That(
            () => NetworkFile.Read(PathOf("c.pt"), Numbers(4), new NetworkFileOptions { Prefix = "policy" }),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("'q_net', 'q_net_target'"));
    }

    [Test]
    public void A_network_that_is_named_is_found_under_its_prefix()
    {
        var named = new Sequential(
            [4, 84, 84], pixels: true,
            [
                new Conv2d("conv1", 4, 8, 4), new Relu(), new Conv2d("conv2", 4, 4, 2), new Relu(),
                new Conv2d("conv3", 4, 3), new Relu(), new Flatten(), new Linear("fc1", 16), new Relu(),
                new Linear("fc2", 5),
            ]);
        using LoadedNetwork loaded = NetworkFile.Read(PathOf("epoch_first.pt"), named);
        Assert.That((loaded.Source, loaded.Assumptions.Length), Is.EqualTo((ArchitectureSource.Caller, 0)));
        StateDict read = StateDictFile.Read(PathOf("epoch_first.pt"));
        Assert.That(read.Names, Is.EqualTo(loaded.Network.GetStateDict().Names));
        Assert.That(StateDictFile.Read(PathOf("epoch_first.pt"), "model_state_dict").Names, Is.EqualTo(read.Names));
    }

    [Test]
    public void A_file_that_says_nothing_needs_a_network_that_is_named() => Assert.That(
        () => NetworkFile.Read(PathOf("b.pt")),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("b.pt").And.Message.Contains("Name its architecture"));

    private static JsonDocument Values() => JsonDocument.Parse(GoldenFiles.ReadBytes("cases/values.json"));

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    private static void AssertValues(
        QNetwork network, ReadOnlySpan<byte> observation, JsonDocument values, string kind, string file)
    {
        float[] expected = Floats(values.RootElement.GetProperty(kind).GetProperty(file));
        var actual = new float[expected.Length];
        network.Evaluate(observation, actual);
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < actual.Length; i++)
            Assert.That(actual[i], Is.EqualTo(expected[i]).Within(1e-5 * scale), $"{file}, action {i}");
    }
}
