using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Tests.Media;
using Dqn.Training;
using Orleans.TestingHost;

namespace Dqn.Tests.Clusters;

/// <summary>Machines come, go in order, are refused, and hear of the end.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Children)]
public sealed class JoiningTests
{
    private static readonly SiloRole s_acts = new()
    {
        Environment = () => new SlowCartPole(TimeSpan.FromMilliseconds(1)),
        Actors = new DqnActorOptions { Environments = 4, Threads = 1, StopsApplication = false },
    };

    [Test]
    public async Task A_silo_that_joins_takes_work_and_another_may_leave()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(Learner(folder), s_acts);
        await cluster.StartAsync();
        InProcessSiloHandle first = cluster.Silos.Single(silo => TrainingCluster.Actors(silo) is not null);
        await TrainingCluster.UntilAsync(() => Played(cluster, first) == 8, "one silo to play all");

        InProcessSiloHandle second = await cluster.AddAsync(s_acts);
        await TrainingCluster.UntilAsync(() => Played(cluster, first) == 4 && Played(cluster, second) == 4, "both to play half");
        await TrainingCluster.UntilAsync(() => TrainingCluster.Shard(second)!.Fill.Count > 0, "the second's shard to fill");
        Assert.That(cluster.Session!.Hosts.SelectMany(host => host.Environments), Is.Unique);
        Assert.That(TrainingCluster.Shard(first)!.Fill.Capacity, Is.EqualTo(TrainingCluster.Shard(second)!.Fill.Capacity), "half each");

        await cluster.StopAsync(first);
        await TrainingCluster.UntilAsync(() => Played(cluster, second) == 8, "the second to play all");
    }

    [Test]
    public async Task A_silo_with_another_environment_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(
            Learner(folder), s_acts with { Environment = CartPoleTraining.Task }); // not slow
        await cluster.StartAsync();
        DqnActors actors = cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>().Single();
        Assert.That(
            async () => await actors.Completion.WaitAsync(TimeSpan.FromSeconds(30)),
            Throws.InstanceOf<DqnMismatchException>().With.Message.Contains("kind was \"SlowCartPole\", is \"TimeLimit\""));
        Assert.That(cluster.Session!.Hosts, Is.Empty);
    }

    [Test]
    public async Task A_silo_of_another_version_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(Learner(folder), s_acts);
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Hosts.Count == 1, "a silo to join");
        Assignment answer = cluster.Session!.Report(cluster.Session.Hosts[0].With(host: "other", version: "9.9.9"));
        Assert.That(answer.Phase, Is.EqualTo(TrainingPhase.Refused));
        Assert.That(answer.Message, Does.StartWith("other: expected version ").And.Contains("got 9.9.9. Run the same on every machine."));
    }

    [Test]
    public async Task All_hear_of_the_end_and_who_comes_later_does_too()
    {
        using var folder = new TemporaryFolder();
        SiloRole learner = Learner(folder, steps: 2_000);
        await using var cluster = new TrainingCluster(learner, learner, s_acts, s_acts);
        await cluster.StartAsync();
        DqnActors[] actors = [.. cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>()];
        Task[] ends = [.. cluster.Trainings.Select(training => training.Completion), .. actors.Select(actor => actor.Completion)];
        await Task.WhenAll(ends).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(ends, Has.Length.EqualTo(4));
        Assert.That(cluster.Session!.Parts.Learner.Steps, Is.EqualTo(2_000));

        InProcessSiloHandle late = await cluster.AddAsync(s_acts);
        await TrainingCluster.Actors(late)!.Completion.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Test]
    public async Task A_training_that_fails_says_why_to_all()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(
            new SiloRole
            {
                Training = () => CartPoleTraining.Make(
                    folder["run"], 2_000, task: s_acts.Environment, evaluation: new EvaluationOptions { Episodes = 1, MaxSteps = 1 }),
            },
            s_acts);
        await cluster.StartAsync();
        DqnActors actors = cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>().Single();
        Assert.That(
            async () => await cluster.Trainings.Single().Completion.WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.InvalidOperationException.With.Message.Contains("MaxSteps"));
        Assert.That(
            async () => await actors.Completion.WaitAsync(TimeSpan.FromSeconds(30)),
            Throws.InvalidOperationException.With.Message.Contains("The training has failed: ").And.Message.Contains("MaxSteps"));
    }

    [Test]
    public async Task A_learner_that_leaves_in_order_loses_no_step()
    {
        using var folder = new TemporaryFolder();
        SiloRole learner = Learner(folder, checkpointInterval: 1_000_000);
        await using var cluster = new TrainingCluster(learner, learner, s_acts);
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Parts.Learner.Updates > 100, "some updates");
        TrainingSession first = cluster.Session!;
        InProcessSiloHandle silo = cluster.LearnerSilo!;
        await cluster.StopAsync(silo);
        await TrainingCluster.UntilAsync(() => cluster.Session is { } now && now != first, "the other to go on");
        Assert.That(cluster.Session!.FirstStep, Is.EqualTo(first.Parts.Learner.Steps), "it saved a checkpoint, though none was due");
        TrainingSession second = cluster.Session;
        await TrainingCluster.UntilAsync(() => second.Parts.Learner.Steps > second.FirstStep + 500, "steps");
    }

    [Test]
    public async Task Who_waits_for_the_end_is_not_left_waiting_by_a_silo_that_is_stopped()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(Learner(folder), s_acts);
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Hosts.Count == 1, "a silo to join");
        DqnActors actors = cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>().Single();
        Task[] ends = [cluster.Trainings.Single().Completion, actors.Completion];
        Assert.That(ends.Select(end => end.IsCompleted), Has.None.True);
        foreach (InProcessSiloHandle silo in cluster.Silos)
            await cluster.StopAsync(silo);
        await Task.WhenAll(ends).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(ends.Select(end => end.IsCompletedSuccessfully), Has.None.False);
    }

    [Test]
    public async Task The_learner_goes_last()
    {
        using var folder = new TemporaryFolder();
        SiloRole leaves = s_acts with { Actors = s_acts.Actors with { StopsApplication = true } };
        await using var cluster = new TrainingCluster(Learner(folder, steps: 2_000), leaves, s_acts);
        await cluster.StartAsync();
        InProcessSiloHandle[] acting = [.. cluster.Silos.Where(silo => TrainingCluster.Actors(silo) is not null)];
        await Task.WhenAll(acting.Select(silo => TrainingCluster.Actors(silo)!.Completion)).WaitAsync(TimeSpan.FromMinutes(1));

        TrainingSession session = cluster.Session!;
        string named = session.Hosts.Single(host => host.Leaves).Host;
        InProcessSiloHandle leaving = acting.Single(silo => TrainingCluster.Address(silo) == named);
        string learner = TrainingCluster.Address(cluster.LearnerSilo!);
        Assert.That(session.IsLeft(learner), Is.False, "one has heard of the end but has not left");
        Assert.That(session.IsLeft(named), "but for itself");
        await cluster.StopAsync(leaving);
        await TrainingCluster.UntilAsync(() => session.IsLeft(learner), "the cluster to see that it has left");
        Assert.That(session.Hosts, Has.Count.EqualTo(1), "the one that stays");
    }

    [Test]
    public async Task A_whole_cluster_that_starts_again_goes_on()
    {
        using var folder = new TemporaryFolder();
        long steps;
        await using (var cluster = new TrainingCluster(Learner(folder, steps: 3_000, checkpointInterval: 100), s_acts))
        {
            await cluster.StartAsync();
            await TrainingCluster.UntilAsync(() => cluster.Session?.Parts.Learner.Steps > 800, "some steps");
            steps = cluster.Session!.Parts.Learner.Steps;
        }

        await using var again = new TrainingCluster(Learner(folder, steps: 3_000, checkpointInterval: 100), s_acts);
        await again.StartAsync();
        await TrainingCluster.UntilAsync(() => again.Session is not null, "the learner");
        Assert.That(again.Session!.FirstStep, Is.GreaterThanOrEqualTo(steps));
        await again.Trainings.Single().Completion.WaitAsync(TimeSpan.FromMinutes(1));
        string[] rows = [.. File.ReadLines(folder["run/history.csv"]).Skip(1).Select(line => line.Split(',')[0])];
        Assert.That(rows.Select(long.Parse), Is.Ordered.Ascending.And.Unique);
        Assert.That(rows[^1], Is.EqualTo("3000"));
    }

    [Test]
    public async Task Samples_per_insert_are_the_options_and_a_learner_that_pauses_holds_the_actors()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(
            new SiloRole { Training = () => CartPoleTraining.Make(folder["run"], 1_000_000) },
            s_acts with { Environment = CartPoleTraining.Task },
            s_acts with { Environment = CartPoleTraining.Task });
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Parts.Learner.Updates > 3_000, "updates");
        LearnerParts parts = cluster.Session!.Parts;
        double inserted = parts.Learner.Steps - parts.Limiter.MinimumSize; // Those that wait have not been learnt from yet.
        Assert.That(parts.Limiter.SampledCount / inserted, Is.EqualTo(parts.Limiter.SamplesPerInsert).Within(1).Percent);

        parts.Run.Control.Pause();
        DqnActors[] actors = [.. cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>()];
        await TrainingCluster.UntilAsync(() => actors.All(Stands), "the actors to wait");
        long ahead = actors.Sum(actor => actor.Finished) - parts.Learner.Steps;
        long bound = 2 * (64 * 8 + 64) + 2 * (4 + 4 + 1) * 64; // Twice the lead, the silos' outboxes, what is in hand.
        Assert.That(ahead, Is.InRange(1, bound));

        long updates = parts.Learner.Updates;
        parts.Run.Control.Continue();
        await TrainingCluster.UntilAsync(() => parts.Learner.Updates > updates + 100, "updates again");
    }

    [Test]
    public async Task The_run_has_tables_of_its_machines()
    {
        using var folder = new TemporaryFolder();
        await using var cluster = new TrainingCluster(Learner(folder), s_acts);
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => cluster.Session?.Parts.Learner.Updates > 100, "updates");
        InProcessSiloHandle silo = cluster.Silos.Single(silo => TrainingCluster.Actors(silo) is not null);
        await TrainingCluster.UntilAsync(() => Played(cluster, silo) == 8, "one silo to play all");
        RunTable[] tables = [.. cluster.Session!.Parts.Run.MakeTables()];
        Assert.That(tables.Select(table => table.Title), Is.EqualTo(new[] { "Machines", "Actors and learner" }));
        Assert.That(tables[0].Rows.Single()[0], Is.EqualTo(TrainingCluster.Address(silo)));
        Assert.That(tables[0].Rows.Single()[1], Is.EqualTo("8"));
        Assert.That(tables[1].Rows.Single(row => row[0] == "samples per insert, asked")[1], Is.EqualTo("32.00"));
    }

    private static bool Stands(DqnActors actors)
    {
        long before = actors.Steps;
        Thread.Sleep(300);
        return actors.Steps == before;
    }

    private static SiloRole Learner(TemporaryFolder folder, int steps = 1_000_000, long checkpointInterval = 5_000) => new()
    {
        Training = () => CartPoleTraining.Make(
            folder["run"], steps, options: CartPoleTraining.Options(50_000, 8) with { WarmupSteps = 200 },
            checkpointInterval: checkpointInterval, task: s_acts.Environment, evaluation: new EvaluationOptions { Episodes = 1 }),
    };

    private static int Played(TrainingCluster cluster, InProcessSiloHandle silo) => cluster.Session?.Hosts
        .FirstOrDefault(host => host.Host == TrainingCluster.Address(silo))?.Environments.Length ?? 0;
}
