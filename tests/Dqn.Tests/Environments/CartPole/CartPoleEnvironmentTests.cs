using System.Runtime.InteropServices;
using Dqn.Environments;

namespace Dqn.Tests.Environments;

/// <summary>
/// Expected numbers: the published equations evaluated in double precision by a program of their own.
/// </summary>
public class CartPoleEnvironmentTests
{
    [Test]
    public void ResetDrawsFourNumbersFromNumPysStream()
    {
        using var environment = new CartPoleEnvironment();
        environment.Reset(42);
        Assert.That(environment.State, Is.EqualTo(
            (double[])[0.027395604855596334, -0.006112156024794771, 0.03585979199113824, 0.019736802905936393]));
        environment.Reset(0);
        Assert.That(environment.State, Is.EqualTo(
            (double[])[0.013696168732145436, -0.02302132862361297, -0.045902647606380534, -0.04834723644714709]));
        var observation = new byte[16];
        environment.Observe(observation);
        Assert.That(
            MemoryMarshal.Cast<byte, float>(observation).ToArray(),
            Is.EqualTo(environment.State.Select(value => (float)value)));
    }

    [Test]
    public void OneStep()
    {
        using var environment = new CartPoleEnvironment();
        environment.Reset(42);
        Assert.That(environment.Step(1), Is.EqualTo(new StepResult(1, false, false)));
        AssertState(environment, 0.02727336173510044, 0.18847766618842926, 0.03625452804925697, -0.26141976017845603);
    }

    // Pushed one way the pole falls; pushed to and fro it falls later.
    [TestCase(0ul, "1", 8, 0.11971174211506583, 1.5452880023412285, -0.22820539319024014, -2.6052160893947)]
    [TestCase(0ul, "0", 11, -0.20567097683162056, -2.16992803006869, 0.25962639617013406, 3.268488359408868)]
    [TestCase(0ul, "10", 20, 0.047635249355665515, 0.0062562403891771035, -0.21611764121887947, -0.7096135870348289)]
    [TestCase(42ul, "1", 10, 0.2015952861244479, 1.946418489777047, -0.22034578765190743, -2.990807653274184)]
    [TestCase(42ul, "10", 57, 0.11540373970675508, 0.14629828730808042, 0.2110339473063147, 0.6834605879420326)]
    public void WholeEpisode(
        ulong seed, string actions, int length, double x, double velocity, double angle, double angularVelocity)
    {
        using var environment = new CartPoleEnvironment();
        environment.Reset(seed);
        for (int i = 0; i < length; i++)
        {
            var result = environment.Step(actions[i % actions.Length] - '0');
            Assert.That(result, Is.EqualTo(new StepResult(1, i == length - 1, false)));
        }

        AssertState(environment, x, velocity, angle, angularVelocity);
        Assert.That(() => environment.Step(0), Throws.InvalidOperationException);
    }

    [Test]
    public void LeavingTheTrackEndsTheEpisode()
    {
        // Balanced by its angle and angular velocity while the target drifts to the right.
        using var environment = new CartPoleEnvironment();
        environment.Reset(1);
        StepResult result;
        do
        {
            var state = environment.State;
            result = environment.Step(state[2] + 0.5 * state[3] + 0.1 * state[1] > 0.05 ? 1 : 0);
        }
        while (!result.Ended);
        Assert.That(result.Terminated, Is.True);
        Assert.That(Math.Abs(environment.State[0]), Is.GreaterThan(2.4).And.LessThan(2.5));
        Assert.That(Math.Abs(environment.State[2]), Is.LessThan(12 * Math.PI / 180));
    }

    [Test]
    public void ABalancedPoleIsCutOffAt500()
    {
        using var environment = new CartPoleEnvironment().WithTimeLimit(500).WithStatistics();
        environment.Reset(3);
        var cart = environment.Find<CartPoleEnvironment>()!;
        StepResult result;
        do
        {
            var state = cart.State;
            result = environment.Step(state[2] + 0.2 * state[3] + 0.02 * state[0] + 0.05 * state[1] > 0 ? 1 : 0);
        }
        while (!result.Ended);
        Assert.That(result, Is.EqualTo(new StepResult(1, false, true)));
        Assert.That(environment.Return, Is.EqualTo(500));
    }

    private static void AssertState(CartPoleEnvironment environment, params double[] expected) =>
        Assert.That(environment.State, Is.EqualTo(expected).Within(1e-12));
}
