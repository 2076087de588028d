using Dqn.Threading;

namespace Dqn.Tests.Threading;

public class WorkerTeamTests
{
    [Test]
    public void Teams_do_each_task_once([Values(1, 2, 3, 7)] int threads)
    {
        using WorkerTeam team = new(threads);
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
        using WorkerTeam team = new(threads);
        Random random = new(9);
        for (int fork = 0; fork < 1000; fork++)
        {
            int stages = 1 + random.Next(threads), length = 1 + random.Next(20);
            var done = new int[stages * length];
            team.Run(done.Length, long.MaxValue, (task, _) =>
            {
                SpinWait wait = default;
                while (task >= length && Volatile.Read(ref done[task - length]) == 0)
                    wait.SpinOnce();
                Volatile.Write(ref done[task], 1);
            });
            Assert.That(done, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void A_teams_failed_task_is_reported_and_the_team_goes_on()
    {
        using WorkerTeam team = new(2);
        Assert.That(
            () => team.Run(10, long.MaxValue, (task, worker) => worker = 1 / (task - 5)),
            Throws.InvalidOperationException.With.InnerException.TypeOf<DivideByZeroException>());
        int done = 0;
        team.Run(10, long.MaxValue, (_, _) => Interlocked.Increment(ref done));
        Assert.That(done, Is.EqualTo(10));
    }
}
