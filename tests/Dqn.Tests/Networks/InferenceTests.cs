using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Tests.Serialization;

namespace Dqn.Tests.Networks;

/// <summary>Which network tensors are taken for, and where that is not settled: every candidate is listed.</summary>
public class InferenceTests
{
    private static readonly Sequential s_square = new([4], pixels: false, [new Linear("any", 4)]);
    private static readonly Sequential s_pair = new([4], pixels: false, [new Linear("any", 2)]);

    // In a .pt file: names in the order given, each with its outputs and inputs.
    [TestCase("net.0 8 4, net.2 8 8, net.10 2 8", "net.0 net.2 net.10")]
    [TestCase("net.10 2 8, net.2 8 8, net.0 8 4", "net.0 net.2 net.10")]
    [TestCase("fc1 8 4, fc02 8 8, fc3 8 8, fc10 2 8", "fc1 fc02 fc3 fc10")]
    [TestCase("input 8 4, hidden 8 8, output 2 8", "input hidden output")]
    [TestCase("output 2 8, hidden 8 8, input 8 4", "input hidden output")]
    [TestCase("block1.a2 8 8, block1.a1 8 4, block2.a1 8 8, out 2 8", "block1.a1 block1.a2 block2.a1 out")]
    [TestCase("module.fc1 8 4, module.fc2 2 8", "module.fc1 module.fc2")]
    [TestCase("actor.fc1 8 4, actor.fc2 2 8, critic.fc1 8 4, critic.fc2 1 8", "fc1 fc2")]
    [TestCase("online.fc 2 4, target.fc 2 4", "fc")]
    [TestCase("policy_net.fc 2 4, old.fc 2 4", "fc")]
    [TestCase("qnetwork_local.fc 2 4, qnetwork_target.fc 2 4", "fc")]
    [TestCase("target_net.fc 2 4, actor.fc 2 4", "fc")]
    [TestCase("fc1 8 4, fc2 2 8, critic.fc1 8 4, critic.fc2 3 8", "")]
    public void Layers_are_put_in_the_one_order_that_fits(string tensors, string expected)
    {
        if (expected.Length == 0)
        {
            Assert.That(() => Read(tensors, s_pair), Throws.TypeOf<InvalidDataException>());
            return;
        }

        using LoadedNetwork loaded = Read(tensors, s_pair);
        Assert.That(
            string.Join(" ", loaded.Network.Architecture.Layers.OfType<Linear>().Select(layer => layer.Name)),
            Is.EqualTo(expected));
        Assert.That(loaded.Assumptions, Is.Not.Empty);
    }

    [Test]
    public void What_is_left_out_is_said()
    {
        using LoadedNetwork loaded = Read("actor.fc1 8 4, actor.fc2 2 8, critic.fc1 8 4, critic.fc2 1 8", s_pair);
        Assert.That(loaded.Assumptions, Has.Some.Contains("'actor' make such a network: the 4 others in the file were left out"));
    }

    [Test]
    public void A_files_own_order_counts_and_is_said()
    {
        using LoadedNetwork loaded = Read("input 8 4, x 8 8, a 8 8, out 2 8", s_pair);
        Assert.That(
            loaded.Network.Architecture.Layers.OfType<Linear>().Select(layer => layer.Name),
            Is.EqualTo(new[] { "input", "x", "a", "out" }));
        Assert.That(loaded.Assumptions, Has.Some.Contains("the file's is assumed: 'input' → 'x' → 'a' → 'out'"));
    }

    // Safetensors sorts names: the order there says nothing.
    [TestCase("input 8 4, x 8 8, a 8 8, out 2 8", "'input' → 'a' → 'x' → 'out'; 'input' → 'x' → 'a' → 'out'")]
    [TestCase("q1.0 4 4, q1.1 4 4, q2.0 4 4, q2.1 4 4", "under the names")]
    [TestCase("first.fc1 4 4, first.fc2 4 4, second.fc1 4 4, second.fc2 4 4", "under the names '', 'first', 'second'")]
    [TestCase("net.fc1 4 4, net.fc2 4 4, q 4 4", "under the names '', 'net'")]
    [TestCase("a_target.fc 4 4, b_target.fc 4 4", "under the names")]
    public void What_is_not_settled_is_listed(string tensors, string message)
    {
        Sequential task = tensors.StartsWith("input", StringComparison.Ordinal) ? s_pair : s_square;
        StateDict sorted = new();
        foreach ((string name, Tensor tensor) in Tensors(tensors).OrderBy(item => item.Key, StringComparer.Ordinal))
            sorted.Add(name, tensor);
        foreach (byte[] file in new[] { StateDicts.ToSafeTensors(sorted), StateDicts.ToPyTorch(sorted) })
        {
            Assert.That(
                () => NetworkFile.Read(new MemoryStream(file), [task], new NetworkFileOptions()),
                Throws.TypeOf<InvalidDataException>().With.Message.Contains(message).And.Message.Contains("Prefix"));
        }
    }

    [Test]
    public void Numbers_that_contradict_the_files_order_are_listed() => Assert.That(
        () => Read("input 8 4, h2 8 8, h1 8 8, out 2 8", s_pair),
        Throws.TypeOf<InvalidDataException>().With.Message.Contains("'h1' → 'h2'").And.Message.Contains("'h2' → 'h1'"));

    [TestCase("first.fc1 4 4, first.fc2 4 4, second.fc1 4 4, second.fc2 4 4", "second", "fc1 fc2")]
    [TestCase("net.fc1 4 4, net.fc2 4 4, last 4 4", "", "net.fc1 net.fc2 last")]
    [TestCase("net.fc1 4 4, net.fc2 4 4, last 4 4", "net", "fc1 fc2")]
    public void A_prefix_says_which(string tensors, string prefix, string expected)
    {
        using LoadedNetwork loaded = Read(tensors, s_square, prefix);
        Assert.That(
            string.Join(" ", loaded.Network.Architecture.Layers.OfType<Linear>().Select(layer => layer.Name)),
            Is.EqualTo(expected));
        Assert.That(loaded.Prefix, Is.EqualTo(prefix));
    }

    [Test]
    public void What_does_not_fit_is_said_both_ways()
    {
        Assert.That(
            () => Read("fc1 8 5, fc2 2 8", s_pair),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("numbers [4] and 2 actions")
                .And.Message.Contains("Expected a tensor 'any.weight', got 'fc1.weight', 'fc1.bias'")
                .And.Message.Contains("'fc1 5 → 8', 'fc2 8 → 2' do not make a chain"));
        StateDict norm = Tensors("fc1 8 4, fc2 2 8");
        norm.Add("norm.weight", Tensor.FromSingles(new float[8], 8));
        Assert.That(
            () => NetworkFile.Read(
                new MemoryStream(StateDicts.ToPyTorch(norm)), [s_pair], new NetworkFileOptions()),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("'norm.weight' [8] is neither"));
    }

    private static LoadedNetwork Read(string tensors, Sequential task, string? prefix = null) => NetworkFile.Read(
        new MemoryStream(StateDicts.ToPyTorch(Tensors(tensors))), [task], new NetworkFileOptions { Prefix = prefix });

    private static StateDict Tensors(string text)
    {
        StateDict result = new();
        foreach (string[] layer in text.Split(", ").Select(layer => layer.Split(' ')))
        {
            (int outputs, int inputs) = (int.Parse(layer[1]), int.Parse(layer[2]));
            result.Add($"{layer[0]}.weight", Tensor.FromSingles(new float[outputs * inputs], outputs, inputs));
            result.Add($"{layer[0]}.bias", Tensor.FromSingles(new float[outputs], outputs));
        }

        return result;
    }
}
