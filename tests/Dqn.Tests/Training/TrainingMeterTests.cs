using System.Diagnostics.Metrics;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>What a listener of the meter <c>Dqn</c> hears of a training.</summary>
[NonParallelizable]
public sealed class TrainingMeterTests
{
    [Test]
    public void A_listener_hears_what_happens()
    {
        var heard = new Dictionary<string, List<double>>();
        int thread = Environment.CurrentManagedThreadId;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "Dqn")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Hear(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Hear(instrument, value));
        listener.Start();

        using var environment = SmallRun.Make("cartpole");
        using var agent = new DqnAgent(
            new QNetwork(new MlpActionValue(4, 2, 8), new Pcg64(1), new QNetworkOptions { MaxGradientNorm = 10, Threads = 1 }),
            environment.Spec,
            new DqnOptions { WarmupSteps = 20, BatchSize = 4, UpdatePeriod = 2, UpdatesPerPeriod = 3, BufferCapacity = 100 }, 1);
        var loop = new TrainingLoop(agent, environment, 1);
        var losses = new List<double>();
        var returns = new List<double>();
        loop.Run(100, step =>
        {
            if (step.Learned is { } learned)
                losses.Add(learned.Loss);
            if (step.Episode is { } episode)
                returns.Add(episode.Return);
        });
        EvaluationResult evaluation = new Evaluator(environment).Evaluate(agent.Network);
        Assert.Multiple(() =>
        {
            Assert.That(heard["dqn.steps"].Sum(), Is.EqualTo(100));
            Assert.That(heard["dqn.updates"].Sum(), Is.EqualTo(agent.Updates).And.EqualTo(120));
            Assert.That(heard["dqn.loss"], Is.EqualTo(losses));
            Assert.That(heard["dqn.mean_value"], Has.Count.EqualTo(40));
            Assert.That(heard["dqn.td_error"], Has.Count.EqualTo(40).And.All.GreaterThan(0));
            Assert.That(heard["dqn.gradient_norm"], Has.Count.EqualTo(40).And.All.GreaterThan(0));
            Assert.That(heard["dqn.return"], Is.EqualTo(returns).And.Not.Empty);
            Assert.That(heard["dqn.evaluation"], Is.EqualTo(new[] { evaluation.Mean }));
        });

        // Other tests' trainings are none of ours.
        void Hear(Instrument instrument, double value)
        {
            if (Environment.CurrentManagedThreadId != thread)
                return;
            if (!heard.TryGetValue(instrument.Name, out List<double>? values))
                heard.Add(instrument.Name, values = []);
            values.Add(value);
        }
    }

    [Test]
    public void Steps_allocate_nothing_with_or_without_a_listener()
    {
        var step = new TrainingStep(
            1, 0, 1, false, false, new LearnResult(1, 2, 3, 4), new EpisodeSummary(5, 6, true, false, 6), 0);
        TrainingMeter.Record(step, 1);
        Assert.That(Allocations.Of(() => TrainingMeter.Record(step, 1)), Is.Zero);
        double sum = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == "Dqn")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
        listener.Start();
        TrainingMeter.Record(step, 1);
        Assert.That(Allocations.Of(() => TrainingMeter.Record(step, 1)), Is.Zero);
        Assert.That(sum, Is.GreaterThan(0));
    }
}
