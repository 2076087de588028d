using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

namespace Dqn.Training;

/// <summary>
/// Plays whole episodes on an environment of its own, each from its own seed, so that the same network always gets the
/// same result and training's random streams are not touched.
/// </summary>
public sealed class Evaluator
{
    private readonly IEnvironment _environment;
    private readonly EpisodeStatistics? _statistics;
    private readonly byte[] _observation;
    private readonly float[] _values;

    /// <summary>
    /// Evaluates on <paramref name="environment"/>, which stays the caller's and nothing else may step.
    /// </summary>
    public Evaluator(IEnvironment environment, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environment);
        (_environment, Options) = (environment, options ?? new EvaluationOptions());
        _statistics = environment.Find<EpisodeStatistics>();
        _observation = new byte[environment.Spec.ObservationBytes];
        _values = new float[environment.Spec.ActionCount];
    }

    /// <summary>Which episodes are played, and how.</summary>
    public EvaluationOptions Options { get; }

    /// <summary>Plays the episodes with the action of the greatest value, the first of equals.</summary>
    /// <exception cref="ArgumentException">The network is for other observations or actions.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public EvaluationResult Evaluate(IQNetwork network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.ObservationBytes != _observation.Length || network.ActionCount != _values.Length)
        {
            throw new ArgumentException(
                $"Expected a network of {_observation.Length} bytes and {_values.Length} actions, " +
                $"got one of {network.ObservationBytes} and {network.ActionCount}.", nameof(network));
        }

        return Evaluate(Greedy, cancellationToken);

        int Greedy(ReadOnlySpan<byte> observation)
        {
            network.Evaluate(observation, _values);
            return TemporalDifference.GreedyAction(_values);
        }
    }

    /// <summary>Plays the episodes with any policy.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public EvaluationResult Evaluate(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var episodes = ImmutableArray.CreateBuilder<EpisodeSummary>(Options.Episodes);
        for (int i = 0; i < Options.Episodes; i++)
            episodes.Add(Play(policy, unchecked(Options.FirstSeed + (ulong)i), cancellationToken));
        return new EvaluationResult(Options.FirstSeed, episodes.MoveToImmutable());
    }

    private EpisodeSummary Play(Policy policy, ulong seed, CancellationToken cancellationToken)
    {
        var random = new Pcg64(seed);
        double sum = 0;
        _environment.Reset(seed);
        for (int steps = 1; ; steps++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _environment.Observe(_observation);
            int action = Options.Epsilon > 0 && random.NextDouble() < Options.Epsilon
                ? random.Integer(_environment.Spec.ActionCount)
                : policy(_observation);
            StepResult result = _environment.Step(action);
            sum += result.Reward;
            if (result.Ended)
                return new EpisodeSummary(_statistics?.Return ?? sum, steps, result.Terminated, result.Truncated);
        }
    }
}
