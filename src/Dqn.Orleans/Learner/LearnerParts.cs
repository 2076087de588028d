using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Orleans.Replay;
using Dqn.Training;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Learner;

/// <summary>What a life of the learner consists of, put together as a local run is, but for the replay and the loop.</summary>
internal sealed partial class LearnerParts : IDisposable
{
    private const int MostEvaluated = 8; // Environments at once; beyond that evaluating gets hardly faster.

    private readonly VectorEnvironment _evaluated;

    /// <summary>Puts them together, and goes on from the folder's newest checkpoint if there is one.</summary>
    /// <param name="training">What is trained.</param>
    /// <param name="epoch">Which life it is.</param>
    /// <param name="logger">Is told what the run says.</param>
    /// <param name="stopping">Ends what waits.</param>
    /// <exception cref="IOException">Another process trains in the folder.</exception>
    public LearnerParts(DistributedTraining training, Guid epoch, ILogger logger, CancellationToken stopping)
    {
        DqnOptions options = training.Options;
        int evaluated = Math.Min(training.Evaluation.Episodes, MostEvaluated);
        Func<IEnvironment> create = training.EvaluationEnvironment ?? training.Environment;
        _evaluated = new VectorEnvironment([.. Enumerable.Range(0, evaluated).Select(_ => create())]);
        try
        {
            EnvironmentSpec spec;
            using (IEnvironment trained = training.Environment())
                (spec, Environment) = (trained.Spec, trained.Describe());
            Format = SegmentFormat.Of(spec, options.LongestReturn());
            var replay = new ShardedReplayOptions
            {
                BatchSize = options.BatchSize,
                Discount = options.Discount,
                Prioritized = options.Prioritized,
                PrefetchedBatches = training.Prefetch,
            };
            ulong seed = training.Run.Seed;
            Replay = new ShardedReplay(
                Format, replay, unchecked(seed + DrawStream), (host, exception) => LogShard(logger, host, exception.Message), stopping);
            IQNetwork network = training.Network?.Invoke(spec, options, seed) ?? DqnAgent.CreateNetwork(spec, options, seed);
            if (network.Architecture is null)
            {
                network.Dispose();
                throw new ArgumentException(
                    $"Expected {nameof(DistributedTraining)}.{nameof(DistributedTraining.Network)} to give a network with an " +
                    $"{nameof(IQNetwork.Architecture)}, from which the actors make theirs, got a {network.GetType().Name} without.");
            }

            Learner = new DqnLearner(network, Replay, spec, options, unchecked(seed + LearnStream));
            Weights = new WeightsStore(epoch);
            Loop = new DistributedLoop(Learner, Replay, Weights, training.WeightsPeriod, Environment);
            Run = new TrainingRun(training.Run, Learner, Loop, new Evaluator(_evaluated, training.Evaluation), logger);
            Run.Resume();
            Loop.Limiter = Limiter = LimiterFrom(Learner, Format, training.Lead);
            Weights.Publish(network);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // Beside the seeds of networks and environments, which users count up from theirs.
    private const ulong LearnStream = 0x9E3779B97F4A7C15, DrawStream = 0xD1B54A32D192ED03;

    /// <summary>What the task says of itself.</summary>
    public JsonObject Environment { get; } = [];

    /// <summary>What segments look like.</summary>
    public SegmentFormat Format { get; }

    /// <summary>What is learnt from.</summary>
    public ShardedReplay Replay { get; }

    /// <summary>Who learns.</summary>
    public DqnLearner Learner { get; }

    /// <summary>Holds actors and learner together.</summary>
    public RateLimiter Limiter { get; }

    /// <summary>What the actors get.</summary>
    public WeightsStore Weights { get; }

    /// <summary>Takes steps in.</summary>
    public DistributedLoop Loop { get; }

    /// <summary>The run, as a local one.</summary>
    public TrainingRun Run { get; }

    // As many samples for each insert as the options' updates make; actors may be ahead by their lead.
    private static RateLimiter LimiterFrom(DqnLearner learner, SegmentFormat format, int lead)
    {
        DqnOptions options = learner.Options;
        double samplesPerInsert = (double)options.BatchSize * options.UpdatesPerPeriod / options.UpdatePeriod;
        double buffer = Math.Max(
            lead * (double)options.Environments * samplesPerInsert,
            2 * RateLimiter.LeastErrorBuffer(samplesPerInsert, format.MaxTransitions, options.BatchSize * options.UpdatesPerPeriod));
        long sampled = (long)(samplesPerInsert * Math.Max(0, learner.Steps - options.WarmupSteps));
        return new RateLimiter(samplesPerInsert, options.WarmupSteps, buffer, learner.Steps, sampled);
    }

    /// <summary>Lets go of the folder and all else.</summary>
    public void Dispose()
    {
        try
        {
            Run?.Dispose();
        }
        finally
        {
            Loop?.Dispose();
            Learner?.Dispose();
            Replay?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            _evaluated.Dispose();
        }
    }

    [LoggerMessage(EventId = 45, Level = LogLevel.Warning, Message = "The shard on {Host} is left out until it answers: {Problem}")]
    private static partial void LogShard(ILogger logger, string host, string problem);
}
