using Dqn.Threading;

namespace Dqn.Tests.Threading;

public class WorkerTeamTests
{
    [Test]
    public void Teams_do_each_task_once([Values(1, 2, 3, 7)] int threads)
    {
        using WorkerTeam team = new(threads, TestPool.ManyThreads);
        Random random = new(8);
        for (int fork = 0; fork < 2000; fork++)
        {
            var done = new int[1 + random.Next(40)];
            team.Run(
                done.Length, long.MaxValue,
                (task, worker) => Interlocked.Add(ref done[task], worker < threads ? 1 : 100));
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Tasks_may_wait_for_tasks_of_earlier_stretches([Values(1, 2, 3, 7)] int threads)
    {
        using WorkerTeam team = new(threads, TestPool.ManyThreads);
        Random random = new(9);
        for (int fork = 0; fork < 1000; fork++)
        {
            int stages = 1 + random.Next(threads), length = 1 + random.Next(20);
            var done = new int[stages * length];
            bool waited = true;
            team.Run(done.Length, long.MaxValue, (task, worker) =>
            {
                if (task >= length && !team.WaitFor(ref done[task - length], 1, worker))
                    waited = false;
                Volatile.Write(ref done[task], 1);
            });
            Assert.That(done, Is.All.EqualTo(1));
            Assert.That(waited);
        }
    }

    [Test]
    public void Each_worker_begins_with_its_own_stretch()
    {
        // All wait for all, so that nobody can take what is another's.
        const int Threads = 4;
        WorkerPool pool = new(Threads, TimeSpan.FromSeconds(10));
        using WorkerTeam team = new(Threads, pool);
        for (int fork = 0; fork < 50; fork++)
        {
            var workers = new int[Threads];
            using Barrier barrier = new(Threads);
            team.Run(Threads, long.MaxValue, (task, worker) =>
            {
                workers[task] = worker;
                barrier.SignalAndWait();
            });
            Assert.That(workers, Is.EqualTo((int[])[0, 1, 2, 3]));
        }
    }

    [Test]
    public void A_team_has_no_more_threads_than_its_pool() => Assert.Multiple(() =>
    {
        using WorkerTeam all = new(0, TestPool.ManyThreads), few = new(3, TestPool.ManyThreads);
        using WorkerTeam many = new(100, TestPool.ManyThreads), processors = new(1000);
        Assert.That(all.Threads, Is.EqualTo(8));
        Assert.That(few.Threads, Is.EqualTo(3));
        Assert.That(many.Threads, Is.EqualTo(8));
        Assert.That(processors.Threads, Is.EqualTo(Environment.ProcessorCount));
    });

    [Test]
    public void Teams_of_different_sizes_share_threads()
    {
        using WorkerTeam small = new(2, TestPool.ManyThreads), large = new(7, TestPool.ManyThreads);
        for (int fork = 0; fork < 1000; fork++)
        {
            WorkerTeam team = fork % 3 == 0 ? large : small;
            var done = new int[1 + fork % 50];
            team.Run(
                done.Length, long.MaxValue,
                (task, worker) => Interlocked.Add(ref done[task], worker < team.Threads ? 1 : 100));
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void Teams_used_at_once_from_several_threads_all_get_done()
    {
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            using WorkerTeam team = new(3, TestPool.ManyThreads);
            for (int fork = 0; fork < 500; fork++)
            {
                var done = new int[20];
                team.Run(done.Length, long.MaxValue, (task, _) => Interlocked.Increment(ref done[task]));
                Assert.That(done, Is.All.EqualTo(1));
            }
        });
    }

    [Test]
    public void A_task_may_run_tasks_itself([Values(1, 2, 5)] int threads, [Values] bool sameTeam)
    {
        using WorkerTeam team = new(threads, TestPool.ManyThreads), other = new(threads, TestPool.ManyThreads);
        for (int fork = 0; fork < 200; fork++)
        {
            var done = new int[12 * 7];
            team.Run(12, long.MaxValue, (task, _) => (sameTeam ? team : other).Run(
                7, long.MaxValue, (inner, _) => Interlocked.Increment(ref done[task * 7 + inner])));
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void A_failed_tasks_own_exception_comes_out_and_the_team_goes_on([Values(1, 2, 5)] int threads)
    {
        using WorkerTeam team = new(threads, TestPool.ManyThreads);
        for (int fork = 0; fork < 200; fork++)
        {
            var begun = new int[10];
            Assert.That(
                () => team.Run(10, long.MaxValue, (task, _) =>
                {
                    Interlocked.Increment(ref begun[task]);
                    Fail(task == fork % 10);
                }),
                Throws.TypeOf<TimeZoneNotFoundException>().With.Property(nameof(Exception.StackTrace)).Contain(nameof(Fail)));
            Assert.That(begun[fork % 10], Is.EqualTo(1));
            Assert.That(begun, Is.All.LessThan(2));

            int done = 0;
            team.Run(10, long.MaxValue, (_, _) => Interlocked.Increment(ref done));
            Assert.That(done, Is.EqualTo(10));
        }
    }

    [Test]
    public void After_a_failure_nobody_waits_for_what_will_not_come([Values(1, 2, 5)] int threads)
    {
        using WorkerTeam team = new(threads, TestPool.ManyThreads);
        for (int fork = 0; fork < 200; fork++)
        {
            const int Length = 4;
            var marks = new int[Length * 4];
            int failing = fork % Length;
            Assert.That(
                () => team.Run(marks.Length, long.MaxValue, (task, worker) =>
                {
                    if (task >= Length && !team.WaitFor(ref marks[task - Length], 1, worker))
                        return;
                    Fail(task == failing);
                    Volatile.Write(ref marks[task], 1);
                }),
                Throws.TypeOf<TimeZoneNotFoundException>());
            Assert.That(marks.Where((_, task) => task % Length == failing), Is.All.Zero);
        }
    }

    [Test]
    public void When_all_tasks_fail_one_exception_comes_out_and_the_team_goes_on()
    {
        using WorkerTeam team = new(4, TestPool.ManyThreads);
        for (int fork = 0; fork < 100; fork++)
        {
            Assert.That(
                () => team.Run(30, long.MaxValue, (_, _) => Fail(true)), Throws.TypeOf<TimeZoneNotFoundException>());
        }

        int done = 0;
        team.Run(10, long.MaxValue, (_, _) => Interlocked.Increment(ref done));
        Assert.That(done, Is.EqualTo(10));
    }

    [Test]
    public void An_interrupted_caller_waits_for_its_workers_before_it_hears_of_it()
    {
        using WorkerTeam team = new(2, TestPool.ManyThreads);
        using ManualResetEventSlim begun = new(), end = new();
        bool ended = false, hadEnded = false, interrupted = false;
        Thread caller = new(() =>
        {
            team.Run(2, long.MaxValue, (_, worker) =>
            {
                if (worker == 0)
                {
                    // Not asleep: that is to be in the team's wait alone.
                    while (!begun.IsSet)
                        Thread.SpinWait(10);
                    return;
                }

                begun.Set();
                end.Wait();
                Volatile.Write(ref ended, true);
            });
            hadEnded = Volatile.Read(ref ended);
            try
            {
                Thread.Sleep(0);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        });
        caller.Start();
        begun.Wait();
        SpinWait.SpinUntil(() => (caller.ThreadState & ThreadState.WaitSleepJoin) != 0);
        caller.Interrupt();
        SpinWait.SpinUntil(() => (caller.ThreadState & ThreadState.WaitSleepJoin) != 0);
        end.Set();
        caller.Join();
        Assert.That((hadEnded, interrupted), Is.EqualTo((true, true)));
    }

    [Test]
    public void A_disposed_team_does_its_tasks_alone()
    {
        WorkerTeam team = new(3, TestPool.ManyThreads);
        team.Dispose();
        team.Dispose();
        int caller = Environment.CurrentManagedThreadId, done = 0;
        team.Run(100, long.MaxValue, (_, _) => done += Environment.CurrentManagedThreadId == caller ? 1 : 1000);
        Assert.That(done, Is.EqualTo(100));
    }

    [Test]
    public void Running_allocates_nothing()
    {
        using WorkerTeam team = new(3, TestPool.ManyThreads);
        var done = new int[40];
        Action<int, int> body = (task, _) => Interlocked.Increment(ref done[task]);
        Run();
        Assert.That(Allocations.Of(Run), Is.Zero);

        void Run()
        {
            for (int fork = 0; fork < 100; fork++)
                team.Run(done.Length, long.MaxValue, body);
        }
    }

    private static void Fail(bool fails)
    {
        if (fails)
            throw new TimeZoneNotFoundException();
    }
}
