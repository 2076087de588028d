using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Tests.Environments;
using Dqn.Tests.Training;
using Dqn.Training;

namespace Dqn.Tests.Agents;

/// <summary>One file is enough to act: weights, architecture, spec and pipeline.</summary>
public class PolicyFileTests
{
    private static readonly EnvironmentSpec s_bare = new CountingEnvironment(shape: [64, 48, 3]).Spec;

    [Test]
    public void A_file_gives_a_policy_that_acts_and_the_pipeline_it_acts_through()
    {
        using var folder = new TemporaryFolder();
        using IEnvironment environment = Task().WithTimeLimit(9).WithPixels(42, 42);
        using DqnAgent agent = DqnAgent.Create(environment.Spec, new DqnOptions { BufferCapacity = 100 }, seed: 1);
        using (var policy = new GreedyPolicy(agent.Network, environment))
            policy.Save(folder["policy.safetensors"]);

        using var loaded = GreedyPolicy.Load(folder["policy.safetensors"]);
        using IEnvironment again = loaded.Wrap(Task());
        Assert.That(loaded.Spec, Is.EqualTo(environment.Spec));
        Assert.That(again.Describe().ToJsonString(), Is.EqualTo(environment.Describe().ToJsonString()));
        environment.Reset(1);
        again.Reset(1);
        byte[] one = new byte[environment.Spec.ObservationBytes], other = new byte[one.Length];
        float[] values = new float[3], expected = new float[3];
        environment.Observe(one);
        again.Observe(other);
        loaded.Evaluate(other, values);
        agent.Network.Evaluate(one, expected);
        Assert.That(values, Is.EqualTo(expected));
    }

    [Test]
    public void The_weights_that_a_run_leaves_are_such_a_file()
    {
        using var folder = new TemporaryFolder();
        using (IEnvironment trained = new CartPoleEnvironment().WithTimeLimit(30))
        using (IEnvironment evaluated = new CartPoleEnvironment().WithTimeLimit(30))
        using (DqnAgent agent = DqnAgent.Create(trained.Spec, new DqnOptions { BufferCapacity = 100 }, seed: 1))
        using (var run = new TrainingRun(
            new TrainingRunOptions { Folder = folder["run"], TotalSteps = 40, WeightsExtension = ".safetensors" },
            agent, trained, new Evaluator(evaluated, new EvaluationOptions { Episodes = 1 })))
        {
            run.Run();
        }

        using var policy = GreedyPolicy.Load(folder["run/latest.safetensors"]);
        using IEnvironment environment = policy.Wrap(new CartPoleEnvironment());
        Assert.That(environment.Find<TimeLimit>()!.Frames, Is.EqualTo(30));
        EvaluationResult result = new Evaluator(environment, new EvaluationOptions { Episodes = 2 }).Evaluate(policy.Act);
        Assert.That(result.Mean, Is.InRange(1, 30));
    }

    [Test]
    public void What_is_missing_or_other_is_named()
    {
        using var folder = new TemporaryFolder();
        using var network = new QNetwork(new MlpActionValue(4, 2, 8), new Pcg64(1));
        NetworkFile.Write(folder["bare.safetensors"], network);
        Assert.That(
            () => GreedyPolicy.Load(folder["bare.safetensors"]),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("metadata 'spec'").And.Message.Contains("new GreedyPolicy("));
        foreach (string odd in (string[])["{ \"name\": 3 }", "[]", "{ \"\\ud800\": 3 }", "{ \"name\": \"\\ud800\" }"])
        {
            NetworkFile.Write(folder["odd.safetensors"], network, ImmutableDictionary<string, string>.Empty.Add("spec", odd));
            Assert.That(() => GreedyPolicy.Load(folder["odd.safetensors"]), Throws.TypeOf<InvalidDataException>(), odd);
        }

        using var policy = new GreedyPolicy(network, new CartPoleEnvironment().Spec);
        Assert.That(() => policy.Save(folder["policy.pt"]), Throws.ArgumentException.With.Message.Contains(".safetensors"));
        Assert.That(
            () => policy.Wrap(new CartPoleEnvironment()), Throws.InvalidOperationException.With.Message.Contains("new GreedyPolicy(network, environment)"));
        using var task = new CartPoleEnvironment();
        using var whole = new GreedyPolicy(network, task);
        Assert.That(() => whole.Wrap(Task()), Throws.TypeOf<InvalidDataException>().With.Message.Contains("name was \"CartPole-v1\""));
    }

    [Test]
    public void A_spec_is_read_as_it_was_written()
    {
        EnvironmentSpec spec = s_bare with { Layout = ObservationLayout.ChannelsLast };
        Assert.That(EnvironmentDescription.ReadSpec(spec.Describe()), Is.EqualTo(spec));
        foreach (string name in (string[])["name", "observationShape", "elementType", "layout", "stackedFrames", "actionCount"])
        {
            JsonObject without = spec.Describe();
            without.Remove(name);
            Assert.That(() => EnvironmentDescription.ReadSpec(without), Throws.TypeOf<InvalidDataException>(), name);
        }

        Refuses("layout", "18446744073709551616");
        Refuses("layout", "2");
        Refuses("elementType", "Byte, Single");
        Refuses("observationShape", new JsonArray(1 << 16, 1 << 16));
        Refuses("actionCount", long.MaxValue);

        static void Refuses(string name, JsonNode value)
        {
            JsonObject odd = s_bare.Describe();
            odd[name] = value;
            Assert.That(() => EnvironmentDescription.ReadSpec(odd), Throws.TypeOf<InvalidDataException>(), $"{name} {value}");
        }
    }

    private static CountingEnvironment Task() => new(shape: [64, 48, 3]);
}
