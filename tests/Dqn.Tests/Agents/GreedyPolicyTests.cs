using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public class GreedyPolicyTests
{
    private static readonly EnvironmentSpec s_spec = new()
    {
        Name = "Numbers",
        ObservationShape = [6],
        ElementType = ElementType.Single,
        ActionCount = 4,
    };

    [Test]
    public void It_acts_as_the_network_did_when_it_was_made()
    {
        using QNetwork network = MakeNetwork();
        using var policy = new GreedyPolicy(network, s_spec);
        byte[][] observations = Observations(50);
        int[] expected = [.. observations.Select(observation => Greedy(network, observation))];
        for (int i = 0; i < 20; i++)
            network.Fit(observations[i], [i % 4], [5], [], []);
        Assert.That(observations.Select(observation => policy.Act(observation)), Is.EqualTo(expected));
        Assert.That(observations.Select(observation => Greedy(network, observation)), Is.Not.EqualTo(expected), "the network has learnt on");

        float[] values = new float[4], now = new float[4];
        policy.Evaluate(observations[0], values);
        network.Evaluate(observations[0], now);
        Assert.That(values, Is.Not.EqualTo(now));
        Assert.That(expected[0], Is.EqualTo(Array.IndexOf(values, values.Max())));
    }

    [Test]
    public void A_cloned_network_says_the_same_and_is_the_callers()
    {
        using QNetwork network = MakeNetwork();
        var policy = new GreedyPolicy(network, s_spec);
        using IQNetwork clone = policy.CloneNetwork();
        byte[] observation = Observations(1)[0];
        float[] expected = new float[4], values = new float[4], after = new float[4];
        policy.Evaluate(observation, expected);
        clone.Evaluate(observation, values);
        Assert.That(values, Is.EqualTo(expected));
        clone.Fit(observation, [0], [5], [], []);
        policy.Evaluate(observation, after);
        Assert.That(after, Is.EqualTo(expected));
        policy.Dispose();
        clone.Evaluate(observation, values);
        Assert.That(() => policy.CloneNetwork(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void It_knows_the_environment_that_it_was_made_with()
    {
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(30);
        using DqnAgent agent = DqnAgent.Create(environment.Spec, new DqnOptions { BufferCapacity = 100 }, seed: 1);
        using GreedyPolicy made = new(agent.Network, environment), bare = new(agent.Network, environment.Spec);
        JsonObject description = made.DescribeEnvironment()!;
        Assert.That(JsonNode.DeepEquals(description, environment.Describe()));
        description.Clear();
        Assert.That(JsonNode.DeepEquals(made.DescribeEnvironment(), environment.Describe()), "what was given out is a copy");
        Assert.That(bare.DescribeEnvironment(), Is.Null);
    }

    [Test]
    public void Eight_threads_have_the_same_answers_at_once()
    {
        using QNetwork network = MakeNetwork();
        using var policy = new GreedyPolicy(network, s_spec);
        byte[][] observations = Observations(200);
        int[] expected = [.. observations.Select(observation => policy.Act(observation))];
        var wrong = new int[8];
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(thread => new Thread(() =>
        {
            for (int round = 0; round < 20; round++)
                for (int i = 0; i < observations.Length; i++)
                    wrong[thread] += policy.Act(observations[i]) == expected[i] ? 0 : 1;
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(wrong, Is.All.Zero);
    }

    [Test]
    public void Asking_allocates_nothing()
    {
        using QNetwork network = MakeNetwork();
        using var policy = new GreedyPolicy(network, s_spec);
        byte[] observation = Observations(1)[0];
        policy.Act(observation);
        Assert.That(Allocations.Of(() => policy.Act(observation)), Is.Zero);
    }

    [Test]
    public void Misuse_is_named()
    {
        using QNetwork network = MakeNetwork();
        Assert.That(
            () => new GreedyPolicy(network, s_spec with { ActionCount = 3 }),
            Throws.ArgumentException.With.Message.Contains("3 actions, got one for 24 bytes and 4"));
        var policy = new GreedyPolicy(network, s_spec);
        Assert.That(() => policy.Act(new byte[23]), Throws.ArgumentException);
        Assert.That(() => policy.Evaluate(new byte[24], new float[3]), Throws.ArgumentException);
        policy.Dispose();
        policy.Dispose();
        Assert.That(() => policy.Act(new byte[24]), Throws.TypeOf<ObjectDisposedException>());
    }

    private static QNetwork MakeNetwork() => new(new MlpActionValue(6, 4, 32), new Pcg64(1));

    private static int Greedy(QNetwork network, byte[] observation)
    {
        var values = new float[4];
        network.Evaluate(observation, values);
        return TemporalDifference.GreedyAction(values);
    }

    private static byte[][] Observations(int count)
    {
        var random = new Pcg64(2);
        return [.. Enumerable.Range(0, count).Select(_ =>
            Enumerable.Range(0, 6).SelectMany(_ => BitConverter.GetBytes((float)random.Uniform(-1, 1))).ToArray())];
    }
}
