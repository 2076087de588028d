using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public sealed class TargetValueCacheTests
{
    [Test]
    public void RemembersWhatTheNaiveTwinDoes(
        [Values(1, 7, 100)] int capacity, [Values(1, 5, 60_000)] int actions, [Values(5, 1000)] int period)
    {
        // With many actions a segment has 4 places only, so that there are several and a shorter last one.
        var cache = new TargetValueCache(capacity, actions);
        var twin = new Dictionary<long, float>();
        var random = new Pcg64(1);
        long newest = 0;
        for (int step = 0; step < 2000; step++)
        {
            if (step % period == 0)
            {
                cache.Invalidate();
                twin.Clear();
            }

            newest += random.Integer(3) / 2;
            long id = Math.Max(0, newest - random.Integer(capacity));
            bool missing = !twin.TryGetValue(id, out float value);
            Assert.That(cache.Claim(id), Is.EqualTo(missing));
            Assert.That(cache.Claim(id), Is.False);
            Assert.That(cache.Values(id).Length, Is.EqualTo(actions));
            if (missing)
            {
                twin[id] = step;
                cache.Values(id)[0] = cache.Values(id)[^1] = step;
            }
            else
            {
                Assert.That((cache.Values(id)[0], cache.Values(id)[^1]), Is.EqualTo((value, value)));
            }
        }
    }

    [Test]
    public void MemoryComesAsItIsUsed()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var cache = new TargetValueCache(1_000_000_000, 5);
        cache.Claim(999_999_999);
        cache.Claim(1_000_000_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(4 << 20));
    }
}
