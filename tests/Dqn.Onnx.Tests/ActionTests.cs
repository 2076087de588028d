using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Onnx;
using Dqn.Randomness;
using Dqn.Serialization;

namespace Dqn.Tests.Onnx;

/// <summary>The arg-max inside, with and without a mask.</summary>
public class ActionTests
{
    private static readonly MlpActionValue s_architecture = new(6, 5, 16);

    [Test]
    public void The_action_is_the_greedy_one()
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        byte[] observations = Networks.Observations(s_architecture, batch: 200);
        int bytes = policy.Spec.ObservationBytes;
        long[] expected = [.. Enumerable.Range(0, 200).Select(i => (long)policy.Act(observations.AsSpan(i * bytes, bytes)))];
        Assert.That(expected.Distinct().Count(), Is.GreaterThan(1));
        Assert.That(served.Ask<long>(OnnxNames.Action, observations, 200), Is.EqualTo(expected));
        Assert.That(served.Outputs.Keys, Is.EquivalentTo([OnnxNames.ActionValues, OnnxNames.Action]));
        Assert.That(served.Outputs[OnnxNames.Action].Dimensions, Is.EqualTo(new[] { -1 }));
    }

    [Test]
    public void Of_equal_values_the_first_action_is_taken()
    {
        using GreedyPolicy policy = Constant(1, 3, 3, 2, 3);
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        Assert.That(served.Act(Networks.Observations(s_architecture, 1)), Is.EqualTo(1));
    }

    [TestCase("TTTTT", 4)]
    [TestCase("TTTTF", 2)]
    [TestCase("TTFFF", 1)]
    [TestCase("FFFTF", 3)]
    [TestCase("TFFTF", 0)]
    public void An_action_that_is_not_legal_is_never_chosen(string mask, int expected)
    {
        using GreedyPolicy policy = Constant(0, 1, 2, -1, 3);
        Assert.That(Choose(policy, mask), Is.EqualTo(expected));
    }

    [Test]
    public void The_values_are_the_same_whatever_is_legal()
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        using var served = Served.Of(policy, new OnnxOptions { Action = true, LegalActions = true });
        byte[] observations = Networks.Observations(s_architecture, 1);
        Assert.That(
            served.Ask<float>(OnnxNames.ActionValues, observations, 1, Mask("FFTFF")),
            Is.EqualTo(served.Ask<float>(OnnxNames.ActionValues, observations, 1, Mask("TTTTT"))));
    }

    [Test]
    public void Each_observation_of_a_batch_has_its_own_mask()
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        using var served = Served.Of(policy, new OnnxOptions { Action = true, LegalActions = true });
        byte[] observations = Networks.Observations(s_architecture, batch: 300);
        float[] values = Networks.Values(policy, observations);
        var random = new Pcg64(5);
        bool[] legal = [.. Enumerable.Range(0, values.Length).Select(i => i % 5 == i / 5 % 5 || random.Integer(2) == 0)];
        long[] expected = [.. Enumerable.Range(0, 300).Select(item => (long)Enumerable.Range(0, 5)
            .Where(action => legal[item * 5 + action]).MaxBy(action => values[item * 5 + action]))];
        Assert.That(served.Ask<long>(OnnxNames.Action, observations, 300, legal), Is.EqualTo(expected));
        Assert.That(served.Inputs[OnnxNames.LegalActions].Dimensions, Is.EqualTo(new[] { -1, 5 }));
        Assert.That(served.Inputs[OnnxNames.LegalActions].ElementType, Is.EqualTo(typeof(bool)));
    }

    [Test]
    public void A_legal_action_of_minus_infinity_comes_before_illegal_ones()
    {
        // Finite parameters whose sums are not.
        using GreedyPolicy policy = Overflowing();
        using var served = Served.Of(policy, new OnnxOptions { Action = true, LegalActions = true });
        byte[] ones = MemoryMarshal.AsBytes([.. Enumerable.Repeat(float.MinValue, 6)]).ToArray();
        Assert.That(served.Ask<float>(OnnxNames.ActionValues, ones, 1, Mask("TTTTT"))[2], Is.EqualTo(float.NegativeInfinity));
        Assert.That(served.Ask<long>(OnnxNames.Action, ones, 1, Mask("FFTFF")), Is.EqualTo(new[] { 2L }));
    }

    [Test]
    public void Where_the_environment_has_illegal_actions_the_mask_is_there_and_the_choice_is_the_policys()
    {
        using QNetwork network = Networks.Learnt(s_architecture);
        using var policy = new GreedyPolicy(network, Networks.Spec(s_architecture) with { HasIllegalActions = true });
        using var served = Served.Of(policy, new OnnxOptions { Action = true });
        byte[] observation = Networks.Observations(s_architecture, 1);
        for (int mask = 1; mask < 32; mask++)
        {
            bool[] legal = [.. Enumerable.Range(0, 5).Select(action => (mask >> action & 1) == 1)];
            Assert.That(served.Ask<long>(OnnxNames.Action, observation, 1, legal)[0], Is.EqualTo(policy.Act(observation, legal)));
        }
    }

    [Test]
    public void Without_an_action_the_mask_is_not_asked_for()
    {
        using QNetwork network = Networks.Learnt(s_architecture);
        using var policy = new GreedyPolicy(network, Networks.Spec(s_architecture) with { HasIllegalActions = true });
        using var served = Served.Of(policy);
        Assert.That(served.Inputs.Keys, Is.EqualTo(new[] { OnnxNames.Observation }));
    }

    [Test]
    public void A_mask_that_nothing_would_look_at_is_refused()
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        Assert.That(
            () => OnnxFile.Write(Stream.Null, policy, new OnnxOptions { LegalActions = true }),
            Throws.ArgumentException.With.Message.Contains("LegalActions with Action"));
    }

    [Test]
    public void A_distribution_that_there_is_not_is_refused()
    {
        using GreedyPolicy policy = Networks.Policy(s_architecture);
        Assert.That(
            () => OnnxFile.Write(Stream.Null, policy, new OnnxOptions { Distribution = true }),
            Throws.ArgumentException.With.Message.Contains("single values"));
    }

    private static long Choose(GreedyPolicy policy, string mask)
    {
        using var served = Served.Of(policy, new OnnxOptions { Action = true, LegalActions = true });
        return served.Ask<long>(OnnxNames.Action, Networks.Observations(s_architecture, 1), 1, Mask(mask))[0];
    }

    private static bool[] Mask(string mask) => [.. mask.Select(letter => letter == 'T')];

    /// <summary>Says the same of every observation.</summary>
    private static GreedyPolicy Constant(params ReadOnlySpan<float> values) => Linear(weight: 0, values);

    /// <summary>Sums the numbers for each action.</summary>
    private static GreedyPolicy Overflowing() => Linear(weight: 1, 0, 0, 0, 0, 0);

    private static GreedyPolicy Linear(float weight, params ReadOnlySpan<float> biases)
    {
        var architecture = new Sequential([6], false, [new Linear("fc", 5)]);
        using var network = new QNetwork(architecture, new Pcg64(1));
        var weights = new StateDict();
        weights.Add("fc.weight", Tensor.FromSingles([.. Enumerable.Repeat(weight, 30)], 5, 6));
        weights.Add("fc.bias", Tensor.FromSingles(biases, 5));
        network.LoadStateDict(weights);
        return new GreedyPolicy(network, Networks.Spec(architecture));
    }
}
