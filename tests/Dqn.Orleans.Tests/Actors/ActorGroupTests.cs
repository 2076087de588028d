using System.Threading.Channels;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Orleans;
using Dqn.Orleans.Actors;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Replay;
using Dqn.Serialization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dqn.Tests.Actors;

public class ActorGroupTests
{
    private static readonly DqnOptions s_greedy = new()
    {
        WarmupSteps = 0,
        Epsilon = new EpsilonSchedule(0, 0, 1),
        Network = new QNetworkOptions { Threads = 1 },
    };

    // Versions begin at 1 in each life.
    [Test, CancelAfter(120_000)]
    public async Task Another_lifes_weights_are_taken_though_their_version_is_the_same(CancellationToken cancellation)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var environment = new CartPoleEnvironment();
        WeightsStore first = Weights(environment.Spec, action: 0), second = Weights(environment.Spec, action: 1);
        Assert.That(second.Version, Is.EqualTo(first.Version));
        var weights = new ActorWeights { Newest = first.NewerThan(default, 0) };
        var outbox = Channel.CreateBounded<FinishedSegment>(1);
        var group = new ActorGroup(
            new ActorWork
            {
                Create = () => new CartPoleEnvironment(),
                Options = s_greedy,
                Threads = 1,
                Seed = 1,
                Weights = weights,
                Steps = () => 1,
                Outbox = outbox.Writer,
                Actors = new DqnActors(),
                Logger = NullLogger.Instance,
                Stopping = stopping.Token,
                Wake = () => { },
            },
            [0], environment.Spec);

        Assert.That(await Actions(outbox.Reader, cancellation), Has.All.Zero);
        weights.Newest = second.NewerThan(default, 0);
        while ((await Actions(outbox.Reader, cancellation)).Contains(0))
        {
            // Segments that were begun before.
        }

        await stopping.CancelAsync();
        group.RequestStop();
        group.Join();
        Assert.That(group.Ended);
    }

    private static async Task<int[]> Actions(ChannelReader<FinishedSegment> outbox, CancellationToken cancellation)
    {
        TransitionSegment segment = (await outbox.ReadAsync(cancellation)).Segment;
        return [.. Enumerable.Range(segment.WindowStart, segment.WindowPlaces).Where(segment.HasTransition).Select(place => segment.Actions[place])];
    }

    // A network that has one action for everything: all is 0 but that action's bias.
    private static WeightsStore Weights(EnvironmentSpec spec, int action)
    {
        using QNetwork network = DqnAgent.CreateNetwork(spec, s_greedy, seed: 1);
        var chosen = new StateDict();
        foreach ((string name, Tensor tensor) in network.GetStateDict())
        {
            float[] values = new float[tensor.Count];
            if (tensor.Shape is [2])
                values[action] = 1;
            chosen.Add(name, Tensor.FromSingles(values, [.. tensor.Shape]));
        }

        network.LoadStateDict(chosen);
        var store = new WeightsStore(Guid.NewGuid());
        store.Publish(network);
        return store;
    }
}
