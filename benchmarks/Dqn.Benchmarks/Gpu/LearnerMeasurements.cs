using System.Diagnostics;
using Dqn.Agents;
using Dqn.Benchmarks.Engines;
using Dqn.Networks;
using TorchSharp;

namespace Dqn.Benchmarks.Gpu;

/// <summary>
/// One column, in a process of its own: the threads, the precision and the memory of LibTorch are a whole process's, and
/// a LibTorch of another version than it should be may take the process down with it.
/// </summary>
internal sealed class LearnerMeasurements
{
    private const int Frames = 20_000;
    private const double WarmUpSeconds = 2;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly string _engine;
    private readonly double _seconds, _limit;

    /// <param name="engine">What computes.</param>
    /// <param name="seconds">How long to measure a figure.</param>
    /// <param name="limit">After how many seconds no further figure is begun.</param>
    private LearnerMeasurements(string engine, double seconds, double limit) =>
        (_engine, _seconds, _limit) = (engine, seconds, limit);

    /// <summary>Prints a line for each figure; what it cannot measure and why goes to the error output.</summary>
    public static void Print(string engine, double seconds, double limit)
    {
        LearnerMeasurements measurements = new(engine, seconds, limit);
        try
        {
            measurements.WarmUp();
            foreach (int batch in Columns.ActingBatches)
                measurements.Act(batch);
            foreach (int batch in Columns.LearningBatches)
                measurements.Learn(batch);
        }
        catch (NotSupportedException exception)
        {
            Console.Error.WriteLine(exception.Message);
        }
    }

    /// <summary>.NET compiles a method anew once it has run some dozens of times: not in what is measured.</summary>
    private void WarmUp()
    {
        const int Batch = 8;
        using DqnAgent agent = NoiseAgent.Remembering(Network(), Batch, 1000);
        Operations operations = new(agent, Batch);
        while (Stopwatch.GetElapsedTime(_start).TotalSeconds < WarmUpSeconds)
        {
            operations.Evaluate();
            operations.Fit();
            agent.SynchronizeTarget();
            operations.Learn();
        }

        Finish();
    }

    private void Act(int environments)
    {
        using DqnAgent agent = NoiseAgent.Acting(Network(), environments);
        byte[] observations = NoiseAgent.Observations(environments);
        var actions = new int[environments];
        Measure(Columns.Act, environments, () => agent.Act(observations, actions));
    }

    private void Learn(int batch)
    {
        using DqnAgent agent = NoiseAgent.Remembering(Network(), batch, Frames);
        Operations operations = new(agent, batch);
        Measure(Columns.Evaluate, batch, operations.Evaluate);
        Measure(Columns.Fit, batch, operations.Fit);

        // An engine that remembers target values would compute fewer and fewer of them.
        Measure(Columns.Learn, batch, operations.Learn, agent.Network.IsBatchInvariant ? agent.SynchronizeTarget : null);
    }

    private IQNetwork Network() => Engine.Make(_engine, new CnnActionValue(4, NoiseAgent.Actions));

    private void Measure(string operation, int batch, Action call, Action? before = null)
    {
        if (Stopwatch.GetElapsedTime(_start).TotalSeconds > _limit)
        {
            Console.Error.WriteLine($"No time left for {operation} at batch {batch}.");
            return;
        }

        (double low, double median, double high) = Timing.Measure(call, before, Finish, _seconds);
        Console.WriteLine(new Measurement(_engine, operation, batch, low, median, high).ToLine());
    }

    private void Finish()
    {
        if (_engine is Engine.LibTorchCuda or Engine.LibTorchCudaTf32)
            torch.cuda.synchronize();
    }
}
