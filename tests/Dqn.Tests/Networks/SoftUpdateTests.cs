using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Tests.Agents;
using Dqn.Tests.Threading;

namespace Dqn.Tests.Networks;

/// <summary>What the agent may change between updates: the learning rate, and a target network by a fraction.</summary>
public class SoftUpdateTests
{
    private static readonly Sequential Small = new(
        [2, 10, 9], true, [new Conv2d("conv", 5, 3, 2), new Relu(), new Flatten(), new Linear("fc", 3)]);

    [Test]
    public void Parameters_move_by_the_fraction_of_the_way([Values(1, 2)] int threads)
    {
        QNetworkOptions options = new() { Threads = threads };
        using QNetwork online = new(new CnnActionValue(4, 5), new Pcg64(1), options, TestPool.ManyThreads);
        using QNetwork target = new(new CnnActionValue(4, 5), new Pcg64(2), options, TestPool.ManyThreads);
        StateDict goals = online.GetStateDict(), before = target.GetStateDict();
        target.MoveParametersTowards(online, 0.125f);
        foreach ((string name, Tensor tensor) in target.GetStateDict())
        {
            double[] from = before[name].ToDoubles(), to = goals[name].ToDoubles();
            double[] expected = [.. from.Zip(to, (f, t) => f + 0.125 * (t - f))];
            Assert.That(tensor.ToDoubles(), Is.EqualTo(expected).Within(1e-8), name);
        }

        Assert.That(QNetworkTests.Hash(online), Is.EqualTo(Hash(goals)), "The source stays.");
        target.MoveParametersTowards(online, 1);
        Assert.That(QNetworkTests.Hash(target), Is.EqualTo(QNetworkTests.Hash(online)), "A whole way is a copy.");
    }

    [Test]
    public void The_way_through_state_dicts_gives_the_same_bits()
    {
        using QNetwork online = new(Small, new Pcg64(1)), target = new(Small, new Pcg64(2)), other = target.Clone();
        target.MoveParametersTowards(online, 0.01f);
        SoftUpdate.Apply(online, 0.01f, other);
        Assert.That(QNetworkTests.Hash(other), Is.EqualTo(QNetworkTests.Hash(target)));

        using QNetwork narrow = new(
            Small, new Pcg64(1), new QNetworkOptions { InstructionSet = InstructionSet.Portable });
        other.MoveParametersTowards(narrow, 0.5f);
        target.MoveParametersTowards(online, 0.5f);
        Assert.That(QNetworkTests.Hash(other), Is.EqualTo(QNetworkTests.Hash(target)), "Other instructions' layout.");
    }

    [Test]
    public void Another_engine_moves_through_its_state_dict()
    {
        using QNetwork online = new(Small, new Pcg64(1)), target = new(Small, new Pcg64(2)), expected = target.Clone();
        using var observed = new ObservedNetwork(target, isBatchInvariant: true);
        ((IQNetwork)observed).MoveParametersTowards(online, 0.25f);
        expected.MoveParametersTowards(online, 0.25f);
        Assert.That(QNetworkTests.Hash(target), Is.EqualTo(QNetworkTests.Hash(expected)));
    }

    [Test]
    public void Other_architectures_and_fractions_are_refused()
    {
        using QNetwork network = new(Small, new Pcg64(1)), other = new(new MlpActionValue(4, 2), new Pcg64(1));
        using QNetwork wider = new(new MlpActionValue(5, 2), new Pcg64(1));
        string before = QNetworkTests.Hash(network);
        Assert.Multiple(() =>
        {
            Assert.That(() => network.MoveParametersTowards(other, 0.5f),
                Throws.ArgumentException.With.Message.Contains("conv.weight"));
            Assert.That(() => wider.MoveParametersTowards(other, 0.5f),
                Throws.ArgumentException.With.Message.Contains("[2, 5]"));
            Assert.That(() => network.MoveParametersTowards(null!, 0.5f), Throws.ArgumentNullException);
            foreach (float fraction in new[] { 0, -0.1f, 1.1f, float.NaN })
            {
                Assert.That(() => network.MoveParametersTowards(network, fraction),
                    Throws.TypeOf<ArgumentOutOfRangeException>());
            }
        });
        Assert.That(QNetworkTests.Hash(network), Is.EqualTo(before));
    }

    [Test]
    public void Moving_allocates_nothing()
    {
        using QNetwork online = new(Small, new Pcg64(1)), target = new(Small, new Pcg64(2));
        target.MoveParametersTowards(online, 0.5f);
        Assert.That(Allocations.Of(() => target.MoveParametersTowards(online, 0.5f)), Is.Zero);
    }

    [Test]
    public void A_changed_learning_rate_counts_from_the_next_fit_as_if_it_had_been_the_options(
        [Values] bool adam, [Values] bool clipped)
    {
        using QNetwork network = Make(0.001), other = Make(0.1);
        Assert.That(network.LearningRate, Is.EqualTo(0.001));
        QNetworkTests.FitSome(network, 1, 4);
        network.LearningRate = 0.1;
        QNetworkTests.FitSome(network, 1, 4);

        // The same second step, taken by a network whose options have that rate.
        using QNetwork first = Make(0.001);
        QNetworkTests.FitSome(first, 1, 4);
        using (BinaryReader reader = new(new MemoryStream(State(first))))
            other.LoadState(reader);
        QNetworkTests.FitSome(other, 1, 4);
        Assert.That(QNetworkTests.Hash(network), Is.EqualTo(QNetworkTests.Hash(other)));
        foreach (double rate in new[] { 0, -1, double.NaN, double.PositiveInfinity })
            Assert.That(() => network.LearningRate = rate, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(network.LearningRate, Is.EqualTo(0.1));

        QNetwork Make(double rate) => new(Small, new Pcg64(1), new QNetworkOptions
        {
            Optimizer = adam ? new AdamOptions { LearningRate = rate } : new RmsPropOptions { LearningRate = rate },
            MaxGradientNorm = clipped ? 0.01 : double.PositiveInfinity,
        });
    }

    private static byte[] State(QNetwork network)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        network.SaveState(writer);
        writer.Flush();
        return stream.ToArray();
    }

    private static string Hash(StateDict state) => System.Convert.ToHexString(
        System.Security.Cryptography.SHA256.HashData([.. state.SelectMany(p => p.Value.Data)]));
}
