using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Gymnasium;
using Dqn.Training;
using Microsoft.Extensions.Logging.Abstractions;
using Python.Runtime;

namespace Dqn.Tests.Gymnasium;

[NonParallelizable]
public sealed class GymnasiumEnvironmentTests
{
    [TestCase("Corridor()", false)]
    [TestCase("Corridor('float32', start=3)", false)]
    [TestCase("Corridor('int64')", false)]
    [TestCase("Corridor(mask=True)", true)]
    [TestCase("Pixels()", false)]
    [TestCase("Cells()", false)]
    public void Python_environments_conform(string expression, bool masked) => Assert.That(
        EnvironmentConformance.List(() => Wrap(expression, masked)), Is.Empty);

    [Test]
    public void Specs_are_the_spaces()
    {
        using GymnasiumEnvironment numbers = Wrap("Corridor()"), pixels = Wrap("Pixels()"), cells = Wrap("Cells()"),
            masked = Wrap("Corridor(mask=True)", true);
        Assert.Multiple(() =>
        {
            Assert.That(numbers.Spec.ObservationShape, Is.EqualTo(new[] { 2 }));
            Assert.That((numbers.Spec.ElementType, numbers.Spec.ActionCount), Is.EqualTo((ElementType.Single, 2)));
            Assert.That(pixels.Spec.ObservationShape, Is.EqualTo(new[] { 6, 5, 3 }));
            Assert.That((pixels.Spec.ElementType, pixels.Spec.Layout), Is.EqualTo((ElementType.Byte, ObservationLayout.ChannelsLast)));
            Assert.That(cells.Spec.ObservationShape, Is.EqualTo(new[] { 5 }));
            Assert.That(masked.Spec.HasIllegalActions);
        });
    }

    [Test]
    public void Observations_rewards_and_ends_are_Pythons()
    {
        using GymnasiumEnvironment environment = Wrap("Corridor()");
        environment.Reset(7);
        float[] seen = Numbers(environment);
        Assert.That(seen[1], Is.Zero);
        int place = (int)seen[0];
        StepResult result = default;
        for (int step = 1; place < 4; step++)
        {
            result = environment.Step(1);
            Assert.That(Numbers(environment), Is.EqualTo(new float[] { ++place, step }));
        }

        Assert.That(result, Is.EqualTo(new StepResult(1, Terminated: true, Truncated: false)));
        environment.Reset();
        for (int step = 0; step < 12; step++)
            result = environment.Step(0);
        Assert.That(result, Is.EqualTo(new StepResult(0, Terminated: false, Truncated: true)));
    }

    [Test]
    public void Pictures_that_are_views_are_read_row_by_row()
    {
        using GymnasiumEnvironment environment = Wrap("Pixels()");
        environment.Reset(7);
        var picture = new byte[90];
        environment.Observe(picture);
        int place = Enumerable.Range(0, 5).Single(column => picture[3 * column] == 10);
        for (int row = 0; row < 6; row++)
            Assert.That(picture[((row * 5 + place) * 3)..((row * 5 + place + 1) * 3)], Is.EqualTo(new byte[] { 10, 20, 30 }));
    }

    [Test]
    public void A_value_of_several_is_a_feature_for_each()
    {
        using GymnasiumEnvironment environment = Wrap("Cells()");
        environment.Reset(7);
        float[] before = Numbers(environment);
        environment.Step(1);
        float[] after = Numbers(environment);
        Assert.That(before.Sum(), Is.EqualTo(1));
        Assert.That(Array.IndexOf(after, 1), Is.EqualTo(Array.IndexOf(before, 1) + 1));
    }

    [Test]
    public void Seeds_of_any_size_arrive_as_they_are()
    {
        PyObject python = PythonTasks.Make("Corridor()");
        using var environment = new GymnasiumEnvironment(python, "Corridor");
        environment.Reset(ulong.MaxValue);
        environment.Reset();
        using (Py.GIL())
            Assert.That(python.GetAttr("seeds").ToString(), Is.EqualTo("[18446744073709551615, None]"));
    }

    [Test]
    public void Legal_actions_are_those_of_the_mask()
    {
        using GymnasiumEnvironment environment = Wrap("Corridor(mask=True)", true);
        for (ulong seed = 0; seed < 20; seed++)
        {
            environment.Reset(seed);
            bool[] legal = [true, false];
            environment.LegalActions(legal);
            Assert.That(legal, Is.EqualTo(new[] { Numbers(environment)[0] > 0, true }));
            if (!legal[0])
                Assert.That(() => environment.Step(0), Throws.ArgumentException.With.Message.Contains("a legal action, got 0"));
        }
    }

    [Test]
    public void An_agent_learns_it([Values] bool masked)
    {
        using IEnvironment environment = Wrap($"Corridor(mask={(masked ? "True" : "False")})", masked);
        using DqnAgent agent = Trainer.Train(environment, 1_500, seed: 1, logger: NullLogger.Instance);
        EvaluationResult result = new Evaluator(environment, new EvaluationOptions { Episodes = 20 }).Evaluate(agent.EvaluationNetwork);
        Assert.That(result.Mean, Is.EqualTo(1));
        Assert.That(result.Episodes.Max(episode => episode.Steps), Is.LessThan(12), "none runs out of time");
    }

    [Test]
    public void Several_run_in_a_vector()
    {
        using var vector = new VectorEnvironment(3, _ => Wrap("Corridor()"), threads: 3);
        vector.Reset(1);
        var results = new StepResult[3];
        var observations = new byte[vector.ObservationBytes];
        for (int step = 0; step < 100; step++)
            vector.Step([1, 0, 1], results, observations);
        Assert.That(MemoryMarshal.Cast<byte, float>(observations)[1], Is.LessThanOrEqualTo(12));
    }

    [TestCase("WrongShape()", "an observation of [2], as its observation_space says, got [3]")]
    [TestCase("Raises()", "step failed in Python: RuntimeError: the engine is on fire")]
    [TestCase("Old()", "(observation, reward, terminated, truncated, info)")]
    [TestCase("Corridor(mask=True)", "Say hasIllegalActions: true")]
    public void What_Python_does_wrong_is_said(string expression, string message)
    {
        using GymnasiumEnvironment environment = Wrap(expression);
        Assert.That(() =>
        {
            environment.Reset(1);
            environment.Observe(new byte[8]);
            environment.Step(1);
        }, Throws.InvalidOperationException.With.Message.Contains(message));
    }

    [Test]
    public void A_mask_that_is_missing_or_short_is_said()
    {
        using GymnasiumEnvironment missing = Wrap("Corridor()", true), bad = Wrap("BadMask()", true);
        Assert.That(() => missing.Reset(1), Throws.InvalidOperationException.With.Message.Contains("found none"));
        Assert.That(() => bad.Reset(1), Throws.InvalidOperationException.With.Message.Contains("of 2 actions, got one of 1"));
        Assert.That(() => bad.Step(1), Throws.InvalidOperationException, "it needs a reset first");
    }

    [TestCase("Continuous()", "expected discrete actions")]
    [TestCase("Dictionary()", "FlattenObservation")]
    [TestCase("3", "without action_space")]
    public void Other_kinds_of_spaces_are_refused(string expression, string message) => Assert.That(
        () => Wrap(expression), Throws.TypeOf<NotSupportedException>().With.Message.Contains(message));

    [Test]
    public void Environments_are_made_by_name()
    {
        PythonTasks.StandIn();
        try
        {
            using var environment = new GymnasiumEnvironment("Corridor", new { start = 2, dtype = "float32", mask = false });
            environment.Reset(1);
            Assert.That(environment.Step(1).Reward, Is.AnyOf(0, 1));
            Assert.That(
                environment.Describe()["made"]!.ToJsonString(),
                Is.EqualTo("""{"id":"Corridor","arguments":{"start":2,"dtype":"float32","mask":false}}"""));
            Assert.That(
                () => new GymnasiumEnvironment("Nowhere-v0"),
                Throws.InvalidOperationException.With.Message.Contains("doesn't exist"));
            Assert.That(
                () => new GymnasiumEnvironment("Corridor", new { start = DateTime.Now }),
                Throws.ArgumentException.With.Message.Contains("as the argument start, got a DateTime"));
        }
        finally
        {
            PythonTasks.NoGymnasium();
        }

        Assert.That(
            () => new GymnasiumEnvironment("CartPole-v1"),
            Throws.InvalidOperationException.With.Message.Contains("pip install gymnasium"));
    }

    [Test]
    public void Disposing_closes_it()
    {
        PyObject python = PythonTasks.Make("Corridor()"), kept = PythonTasks.Make("[]");
        using (Py.GIL())
        {
            kept.InvokeMethod("append", python);
            new GymnasiumEnvironment(python, "Corridor").Dispose();
            Assert.That(kept[0].GetAttr("closed").IsTrue());
        }
    }

    [Test]
    public void Another_Python_for_the_same_process_is_refused()
    {
        PythonInterpreter.Start();
        Assert.That(
            () => PythonInterpreter.Start("python9"), Throws.InvalidOperationException.With.Message.Contains("which runs already"));
    }

    private static GymnasiumEnvironment Wrap(string expression, bool masked = false) =>
        new(PythonTasks.Make(expression), expression, masked);

    private static float[] Numbers(GymnasiumEnvironment environment)
    {
        var observation = new byte[environment.Spec.ObservationBytes];
        environment.Observe(observation);
        return MemoryMarshal.Cast<byte, float>(observation).ToArray();
    }
}
