using Dqn.Orleans;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Randomness;
using Dqn.Tests.Media;
using Orleans.TestingHost;

namespace Dqn.Tests.Clusters;

/// <summary>Silos die at random moments: the training goes on, and what was sent, taken and counted adds up afterwards.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Children)]
public sealed class KillTests
{
    private const int Kills = 20, Environments = 6, SegmentTransitions = 64;

    [Test]
    public Task Silos_that_act_without_a_shard_die() => Dies(roles => roles.Sender, silo => IsSender(silo));

    [Test]
    public Task Silos_with_a_shard_die() => Dies(roles => roles.Keeper, silo => IsKeeper(silo));

    [Test]
    public Task The_learner_dies() => Dies(roles => roles.Learner, silo => TrainingCluster.Training(silo) is not null);

    private static async Task Dies(Func<Roles, SiloRole> role, Func<InProcessSiloHandle, bool> isOne)
    {
        using var folder = new TemporaryFolder();
        var roles = new Roles(folder["run"]);
        await using var cluster = new TrainingCluster(roles.Learner, roles.Learner, roles.Keeper, roles.Keeper, roles.Sender);
        await cluster.StartAsync();
        await TrainingCluster.UntilAsync(() => IsWhole(cluster), "all environments to be played");

        var random = new Pcg64(7);
        var hosts = new Dictionary<string, DqnActors>();
        var counts = new Counts();
        for (int kill = 0; kill < Kills; kill++)
        {
            Remember(cluster, hosts);
            await Task.Delay((int)(random.NextDouble() * 400));
            TrainingSession session = cluster.Session!;
            InProcessSiloHandle[] candidates = [.. cluster.Silos.Where(isOne)];
            InProcessSiloHandle victim = TrainingCluster.Training(candidates[0]) is not null
                ? cluster.LearnerSilo!
                : candidates[random.Integer(candidates.Length)];
            await cluster.KillAsync(victim);
            await cluster.AddAsync(role(roles));
            await TrainingCluster.UntilAsync(() => IsWhole(cluster), $"all environments to be played after kill {kill}", 30);
            if (cluster.Session != session)
                counts.Add(session, hosts.Keys);
            await Learns(cluster, kill);
        }

        Remember(cluster, hosts);
        TrainingSession last = cluster.Session!;
        await StopPlaying(cluster);
        counts.Add(last, hosts.Keys);
        AddsUp(cluster, hosts, counts, counts.Sessions - 1);
        Assert.That(last.Failure, Is.Null);
        LearnerParts parts = last.Parts;
        Assert.That(parts.Learner.Steps - last.FirstStep + parts.Loop.WaitingSteps, Is.EqualTo(last.Ledger.Inserted), "each step once");
        long[] rows = [.. parts.Run.History.Rows.Select(row => row.Step)];
        Assert.That(rows, Is.Ordered.Ascending.And.Unique);
        Assert.That(cluster.Log.Lines, Has.None.Contains("The training has failed"));
    }

    private static bool IsWhole(TrainingCluster cluster) => cluster.Session is { Phase: TrainingPhase.Training } session
        && session.Assigned == Environments
        && session.Hosts.Sum(host => host.Environments.Length) == Environments;

    private static async Task Learns(TrainingCluster cluster, int kill)
    {
        TrainingSession session = cluster.Session!;
        long updates = session.Parts.Learner.Updates;
        await TrainingCluster.UntilAsync(() => session.Parts.Learner.Updates > updates, $"an update after kill {kill}", 30);
    }

    // Actors wait for the learner, which is paused, until nothing is on its way any more. On a busy machine a segment takes its time.
    private static async Task StopPlaying(TrainingCluster cluster)
    {
        cluster.Session!.Parts.Run.Control.Pause();
        DqnActors[] actors = [.. cluster.Silos.Select(TrainingCluster.Actors).OfType<DqnActors>()];
        long before = -1, since = 0;
        await TrainingCluster.UntilAsync(
            () =>
            {
                long now = actors.Sum(actor => actor.Finished + actor.Inserted);
                if (now != before)
                    (before, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(4);
            },
            "the actors to wait");
    }

    private static void AddsUp(
        TrainingCluster cluster, Dictionary<string, DqnActors> hosts, Counts counts, int learnerDeaths)
    {
        HashSet<string> alive = [.. cluster.Silos.Select(TrainingCluster.Address)];
        long finished = 0, lost = 0, waiting = 0, counted = 0, uncounted = 0;
        foreach ((string host, DqnActors actors) in hosts)
        {
            long mine = counts.Of(host), untold = actors.Inserted - mine - actors.Uncounted;
            Assert.That(mine, Is.LessThanOrEqualTo(actors.Inserted), "what is counted has been taken by a shard");
            Assert.That(actors.Inserted, Is.LessThanOrEqualTo(actors.Finished), "what a shard has taken was finished");
            if (alive.Contains(host))
            {
                // Where the learner died between counting and answering, nobody knows, and it is called uncounted.
                Assert.That(untold, Is.InRange(-SegmentTransitions * learnerDeaths, 0), "the learner knows all that was taken");
                waiting += actors.Finished - actors.Inserted;
            }
            else
            {
                Assert.That(untold, Is.InRange(0, SegmentTransitions), "a dead silo had one report under way at most");
                lost += actors.Finished - mine - actors.Uncounted;
            }

            uncounted += Math.Min(untold, 0); // It has been counted too.
            finished += actors.Finished;
            counted += mine;
            uncounted += actors.Uncounted;
        }

        Assert.That(counted + uncounted + lost + waiting, Is.EqualTo(finished), "each transition has one fate");
        Assert.That(counted, Is.EqualTo(counts.Total), "none is counted of a silo that nobody knows");
        Assert.That(counted, Is.GreaterThan(0));
        TestContext.Out.WriteLine($"{finished} finished: {counted} counted, {uncounted} uncounted, {lost} lost, {waiting} wait");
    }

    private static void Remember(TrainingCluster cluster, Dictionary<string, DqnActors> hosts)
    {
        foreach (InProcessSiloHandle silo in cluster.Silos)
            if (TrainingCluster.Actors(silo) is { } actors)
                hosts[TrainingCluster.Address(silo)] = actors;
    }

    private static bool IsSender(InProcessSiloHandle silo) =>
        TrainingCluster.Actors(silo) is not null && TrainingCluster.Shard(silo)!.Fill.Capacity == 0;

    private static bool IsKeeper(InProcessSiloHandle silo) => TrainingCluster.Shard(silo)!.Fill.Capacity > 0;

    private sealed class Counts
    {
        private readonly Dictionary<string, long> _counts = [];

        public long Total { get; private set; }

        public int Sessions { get; private set; }

        public void Add(TrainingSession session, IEnumerable<string> hosts)
        {
            Sessions++;
            Total += session.Ledger.Inserted;
            foreach (string host in hosts)
                _counts[host] = Of(host) + session.Ledger.InsertedBy(host);
        }

        public long Of(string host) => _counts.GetValueOrDefault(host);
    }

    private sealed class Roles(string folder)
    {
        public SiloRole Learner { get; } = new()
        {
            Training = () => CartPoleTraining.Make(
                folder, 100_000_000, Environments, CartPoleTraining.Options(50_000, Environments) with { WarmupSteps = 200 },
                checkpointInterval: 200, task: Slow),
        };

        public SiloRole Keeper { get; } = new() { Environment = Slow };

        public SiloRole Sender { get; } = new()
        {
            Environment = Slow,
            Actors = new DqnActorOptions { Environments = 2, Threads = 1, KeepsReplay = false, StopsApplication = false },
        };

        private static SlowCartPole Slow() => new(TimeSpan.FromMilliseconds(1));
    }
}
