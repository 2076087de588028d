using System.Runtime.CompilerServices;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Tests.Threading;

/// <summary>When worker threads begin and end. Waits have a limit far above what they take.</summary>
public class WorkerPoolTests
{
    private static readonly TimeSpan s_never = TimeSpan.FromDays(1);

    [Test]
    public void Owners_take_no_thread_before_there_is_work_and_share_those_there_are()
    {
        WorkerPool pool = new(4, s_never);
        WorkerTeam[] teams = [.. Enumerable.Range(0, 10).Select(_ => new WorkerTeam(4, pool))];
        Assert.That(pool.Owners, Is.EqualTo(10));
        Assert.That(pool.Workers, Is.Zero);
        foreach (WorkerTeam team in teams)
            Meet(team, 4);
        Assert.That(pool.Workers, Is.EqualTo(3));
        foreach (WorkerTeam team in teams)
            team.Dispose();
        AssertEnds(pool);
    }

    [Test]
    public void Only_as_many_threads_begin_as_the_work_is_worth()
    {
        WorkerPool pool = new(8, s_never);
        using WorkerTeam team = new(8, pool);
        team.Run(100, 10_000, (_, _) => { });
        Assert.That(pool.Workers, Is.Zero);
        team.Run(100, 250_000, (_, _) => { });
        Assert.That(pool.Workers, Is.EqualTo(2));
    }

    [Test]
    public void Threads_end_with_the_last_owner_and_begin_again_with_the_next()
    {
        WorkerPool pool = new(3, s_never);
        for (int i = 0; i < 20; i++)
        {
            using (WorkerTeam one = new(3, pool), two = new(2, pool))
            {
                Meet(one, 3);
                one.Dispose();
                Meet(two, 2);
                Assert.That(pool.Owners, Is.EqualTo(1));
            }

            Assert.That(pool.Owners, Is.Zero);
            AssertEnds(pool);
        }
    }

    [Test]
    public void Threads_end_when_they_have_had_no_work_for_a_while_and_begin_again()
    {
        WorkerPool pool = new(3, TimeSpan.FromMilliseconds(20));
        using WorkerTeam team = new(3, pool);
        for (int i = 0; i < 5; i++)
        {
            Meet(team, 3);
            AssertEnds(pool);
        }
    }

    [Test]
    public void Threads_that_end_and_begin_at_every_moment_lose_no_task()
    {
        WorkerPool pool = new(4, TimeSpan.FromMilliseconds(1));
        Random random = new(3);
        for (int fork = 0; fork < 300; fork++)
        {
            using WorkerTeam team = new(4, pool);
            for (int i = random.Next(3); i >= 0; i--)
            {
                var done = new int[1 + random.Next(20)];
                team.Run(done.Length, long.MaxValue, (task, _) => Interlocked.Increment(ref done[task]));
                Assert.That(done, Is.All.EqualTo(1));
            }

            if (fork % 10 == 0)
                Thread.Sleep(random.Next(3));
        }

        AssertEnds(pool);
    }

    [Test]
    public void After_a_failure_no_thread_is_busy()
    {
        WorkerPool pool = new(3, s_never);
        using (WorkerTeam team = new(3, pool))
        {
            Assert.That(
                () => team.Run(30, long.MaxValue, (_, _) => throw new TimeZoneNotFoundException()),
                Throws.TypeOf<TimeZoneNotFoundException>());
        }

        AssertEnds(pool);
    }

    [Test]
    public void Forgotten_networks_keep_no_thread()
    {
        WorkerPool pool = new(4, s_never);
        for (int i = 0; i < 10; i++)
            Forget(pool);
        Assert.That(pool.Workers, Is.InRange(1, 3));
        for (int i = 0; i < 50 && pool.Owners > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(pool.Owners, Is.Zero);
        AssertEnds(pool);
    }

    [Test]
    public void A_network_in_use_keeps_its_threads_while_its_clone_is_disposed()
    {
        WorkerPool pool = new(2, s_never);
        using QNetwork network = new(new CnnActionValue(4, 5), new Pcg64(1), null, pool);
        QNetwork clone = network.Clone();
        Assert.That(pool.Owners, Is.EqualTo(2));
        network.Evaluate(new byte[network.ObservationBytes], new float[5]);
        clone.Dispose();
        Assert.That(pool.Owners, Is.EqualTo(1));
        Assert.That(pool.Workers, Is.EqualTo(1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(WorkerPool pool)
    {
        QNetwork network = new(new CnnActionValue(4, 5), new Pcg64(1), null, pool);
        network.Evaluate(new byte[4 * network.ObservationBytes], new float[4 * 5]);
    }

    /// <summary>A task on each of so many threads, at the same time.</summary>
    private static void Meet(WorkerTeam team, int threads)
    {
        using Barrier barrier = new(threads);
        team.Run(threads, long.MaxValue, (_, _) => barrier.SignalAndWait());
    }

    private static void AssertEnds(WorkerPool pool) =>
        Assert.That(SpinWait.SpinUntil(() => pool.Workers == 0, TimeSpan.FromMinutes(1)));
}
