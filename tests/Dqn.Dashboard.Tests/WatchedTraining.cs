using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;
using Dqn.Values;

namespace Dqn.Tests.Dashboards;

/// <summary>A small run and its dashboard, trained on a thread of its own.</summary>
internal sealed class WatchedTraining : IDisposable
{
    private readonly FrameStack _environment, _test;
    private readonly DqnAgent _agent;
    private Task? _training;

    public WatchedTraining(
        string folder, long steps, bool watched = true, DashboardOptions? options = null, Chase? task = null,
        ValueDistribution? distribution = null, Func<TrainingRunOptions, TrainingRunOptions>? change = null)
    {
        Task = task ?? new Chase();
        (_environment, _test) = (Task.WithFrameStack(2), new Chase().WithFrameStack(2));
        var agentOptions = new DqnOptions
        {
            BufferCapacity = 2_000,
            BatchSize = 8,
            WarmupSteps = 40,
            Epsilon = new EpsilonSchedule(1, 0.1, 2_000),
            UpdatePeriod = 4,
        };
        distribution ??= new SingleValue();
        EnvironmentSpec spec = _environment.Spec;
        var network = new QNetwork(
            new Sequential(
                spec.ObservationShape, pixels: true,
                [new Flatten(), new Linear("fc1", 16), new Relu(), new Linear("fc2", spec.ActionCount * distribution.Atoms)],
                distribution),
            new Pcg64(1), new QNetworkOptions { Optimizer = new AdamOptions(), Threads = 1 });
        _agent = new DqnAgent(network, spec, agentOptions, seed: 2);
        var runOptions = new TrainingRunOptions
        {
            Folder = folder,
            TotalSteps = steps,
            EvaluationInterval = 400,
            CheckpointInterval = 400,
            MetricInterval = 20,
            WeightsExtension = ".safetensors",
        };
        Run = new TrainingRun(
            change?.Invoke(runOptions) ?? runOptions, _agent, _environment,
            new Evaluator(_test, new EvaluationOptions { Episodes = 4 }));
        Dashboard = watched ? Dashboard.Start(Run, options) : null!;
    }

    /// <summary>Trains on another thread.</summary>
    public WatchedTraining Begin()
    {
        _training = System.Threading.Tasks.Task.Factory.StartNew(
            () => Run.Run(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return this;
    }

    /// <summary>Waits until training is over; throws what it threw.</summary>
    public async Task EndAsync() => await _training!.WaitAsync(Page.Patience);

    public Chase Task { get; }

    public TrainingRun Run { get; }

    public Dashboard Dashboard { get; }

    public void Dispose()
    {
        Run.Control.Stop();
        _training?.Wait(Page.Patience);
        Dashboard?.Dispose();
        Run.Dispose();
        _agent.Dispose();
        _environment.Dispose();
        _test.Dispose();
    }
}
