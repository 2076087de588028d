using Dqn.Networks;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Learner;

/// <summary>Versions of weights on their way to the actors.</summary>
[TestFixture]
public sealed class WeightsStoreTests
{
    [Test]
    public void Each_version_is_a_file_of_its_own_and_stays_as_it_was()
    {
        using var network = new QNetwork(new MlpActionValue(3, 2, 8, 8), new Pcg64(1));
        using var other = new QNetwork(new MlpActionValue(3, 2, 8, 8), new Pcg64(2));
        var epoch = Guid.NewGuid();
        var store = new WeightsStore(epoch);
        Assert.That(store.Version, Is.Zero);
        Assert.That(store.NewerThan(default, 0), Is.Null);

        store.Publish(network);
        WeightsMessage first = store.NewerThan(default, 7)!;
        byte[] firstFile = [.. first.File];
        network.LoadStateDict(other.GetStateDict());
        store.Publish(network);
        WeightsMessage second = store.NewerThan(epoch, 1)!;

        Assert.That((first.Version, second.Version, second.Epoch), Is.EqualTo((1L, 2L, epoch)));
        Assert.That(first.File, Is.EqualTo(firstFile), "whoever has it reads it still");
        Assert.That(second.File, Is.EqualTo(Written(network)).And.Not.EqualTo(firstFile));
        Assert.That(SafeTensorsFile.Read(new MemoryStream(second.File)), Has.Count.EqualTo(network.GetStateDict().Count));
        Assert.That(store.NewerThan(epoch, 2), Is.Null);
    }

    private static byte[] Written(QNetwork network)
    {
        var file = new MemoryStream();
        NetworkFile.Write(file, network);
        return file.ToArray();
    }
}
