using Dqn.Environments;
using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Tests.Media;
using Dqn.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Dqn.Tests.Clusters;

/// <summary>How a learner begins, and what it evaluates in.</summary>
[TestFixture]
public sealed class LearnerLifeTests
{
    [Test]
    public async Task A_learner_that_has_begun_is_not_begun_again()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(new SiloRole { Training = () => CartPoleTraining.Make(folder["run"], 1_000) });
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session is not null, "the learner");
        TrainingSession session = cluster.Session!;

        // As where the cluster gave up an activation that took too long: the next one would find the folder locked.
        LearnerHost host = cluster.LearnerSilo!.ServiceProvider.GetRequiredService<LearnerHost>();
        Assert.That(host.Begin(), Is.SameAs(session));
        Assert.That(session.Phase, Is.EqualTo(Dqn.Orleans.Messages.TrainingPhase.Training));
    }

    [Test]
    public async Task A_life_that_nobody_asks_any_more_leaves_the_folder_to_the_one_that_is_asked()
    {
        using var folder = new TemporaryFolder();
        var learns = new SiloRole
        {
            Training = () => CartPoleTraining.Make(folder["run"], 1_000_000, silence: TimeSpan.FromSeconds(2)),
        };
        await using var cluster = new TrainingCluster(learns, learns, new SiloRole { Environment = CartPoleTraining.Task });
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Parts.Learner.Updates > 0, "the learner");
        InProcessSiloHandle chosen = cluster.LearnerSilo!;
        LearnerHost asked = Host(chosen), other = Host(cluster.Silos.First(silo => silo != chosen && TrainingCluster.Training(silo) is not null));

        // As where an activation was given up while the learner began there, and the next is on another silo: its folder is locked.
        TrainingSession? forgotten = null;
        long begun = 0;
        await TrainingCluster.UntilAsync(IsTaken, "the silo that is asked to learn");
        await TrainingCluster.UntilAsync(() => asked.Session!.Parts.Learner.Steps > forgotten!.Parts.Learner.Steps, "it to go on");
        Assert.That(asked.Session!.FirstStep, Is.EqualTo(forgotten!.Parts.Learner.Steps), "from where the other was");
        Assert.That(cluster.Log.Lines, Has.One.Contains("Nobody has asked the learner"));

        // The cluster may also choose the other silo, whose life is asked then: that is no case of this, and tried the other way round.
        bool IsTaken()
        {
            bool isAsked = forgotten?.Unasked < TimeSpan.FromSeconds(2) && TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(4);
            if (isAsked && other.Session == forgotten)
                (asked, other, forgotten) = (other, asked, null);
            if (forgotten is null)
            {
                forgotten = Begun(other);
                begun = TimeProvider.System.GetTimestamp();
                if (forgotten is not null)
                    Assert.That(asked.Begin, Throws.InstanceOf<IOException>());
                return false;
            }

            return other.Session is null && asked.Session is { IsDisposed: false };
        }

        TrainingSession? Begun(LearnerHost host)
        {
            try
            {
                asked.End(asked.Session);
                other.End(other.Session);
                return host.Begin();
            }
            catch (IOException)
            {
                return null; // The grain was quicker.
            }
        }

        static LearnerHost Host(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<LearnerHost>();
    }

    [Test]
    public async Task Training_and_evaluating_may_have_environments_of_their_own()
    {
        using var folder = new TemporaryFolder();
        var acts = new SiloRole { Environment = Shaped };
        int evaluated = 0;
        var options = new DistributedTraining(
            new TrainingRunOptions { Folder = folder["run"], TotalSteps = 600, EvaluationInterval = 300, CheckpointInterval = 10_000 },
            CartPoleTraining.Options(50_000, 2) with { WarmupSteps = 200 }, Shaped)
        {
            EvaluationEnvironment = () =>
            {
                evaluated++;
                return CartPoleTraining.Task();
            },
            Evaluation = new EvaluationOptions { Episodes = 2 },
            StopsApplication = false,
        };
        await using var cluster = new TrainingCluster(new SiloRole { Training = () => options }, acts);
        await cluster.StartAsync();
        await options.Completion.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(evaluated, Is.EqualTo(2), "as many as episodes");
        Assert.That(TrainingCluster.Actors(cluster.Silos[1])?.Completion.IsFaulted, Is.Not.True, "the actors go with it");
        RunHistory history = RunHistory.Read(folder["run"]);
        Assert.That(history.Series(RunHistory.EvaluationMeanColumn).Select(point => point.Step), Is.EqualTo(new[] { 300.0, 600.0 }));
    }

    // Nothing of it counts in evaluating.
    private static IEnvironment Shaped() => new SlowCartPole(TimeSpan.FromMilliseconds(1));
}
