using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

public sealed class SumTreeTests
{
    [Test]
    public void EveryPointOfTheLineFindsALeafAndEachLeafItsShare([Values(1, 2, 3, 7, 8, 100)] int leaves)
    {
        // Whole numbers, so that all sums are exact.
        var tree = new SumTree(leaves);
        var random = new Pcg64((ulong)leaves);
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < leaves; i++)
                if (random.Integer(2) == 0)
                    tree[random.Integer(leaves)] = Math.Max(0, random.Integer(9) - 3);
            double total = Enumerable.Range(0, leaves).Sum(leaf => tree[leaf]);
            Assert.That(tree.Total, Is.EqualTo(total));
            var found = new double[leaves];
            for (double point = 0.5; point < total; point++)
                found[tree.Find(point)]++;
            Assert.That(found, Is.EqualTo(Enumerable.Range(0, leaves).Select(leaf => tree[leaf])));
        }
    }

    [Test]
    public void TheTreeDoesNotDrift([Values(5, 64, 1000)] int leaves)
    {
        var tree = new SumTree(leaves);
        var random = new Pcg64(1);
        for (int i = 0; i < 300_000; i++)
            tree[random.Integer(leaves)] = random.Integer(10) == 0 ? 0 : Math.Pow(10, random.Uniform(-12, 12));
        var fresh = new SumTree(leaves);
        for (int i = 0; i < leaves; i++)
            fresh[i] = tree[i];
        Assert.That(tree.Total, Is.EqualTo(fresh.Total));
        for (int i = 0; i < 1000; i++)
        {
            double point = random.Uniform(0, tree.Total);
            Assert.That(tree.Find(point), Is.EqualTo(fresh.Find(point)));
        }

        for (int i = 0; i < leaves; i++)
            tree[i] = 0;
        Assert.That(tree.Total, Is.Zero);
    }

    [Test]
    public void NothingIsFoundThatHasNoShareHoweverTheSumsAreRounded()
    {
        var random = new Pcg64(2);
        double[] values = [0, 0, 1e-300, 1e-17, 0.1, 1, 1e16, 1e300];
        for (int round = 0; round < 2000; round++)
        {
            int leaves = 1 + random.Integer(20);
            var tree = new SumTree(leaves);
            tree[random.Integer(leaves)] = 0.3;
            for (int i = 0; i < leaves; i++)
                tree[random.Integer(leaves)] = values[random.Integer(values.Length)];
            if (tree.Total == 0)
                continue;
            double[] points = [0, tree.Total, double.BitDecrement(tree.Total), random.Uniform(0, tree.Total)];
            foreach (double point in points)
                Assert.That(tree[tree.Find(point)], Is.Positive);
        }
    }
}
