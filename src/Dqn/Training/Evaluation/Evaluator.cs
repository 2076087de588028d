using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Training;

/// <summary>
/// Plays whole episodes on environments of its own, each from its own seed, so that the same network always gets the
/// same result and training's random streams are not touched. On several environments the episodes are played side by
/// side and the network values their observations as one batch; with a network that
/// <see cref="Values.IValueFunction.IsBatchInvariant"/> the result is the same to the bit.
/// <para>
/// Not safe for concurrent use: a call while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>.
/// </para>
/// </summary>
public sealed class Evaluator
{
    private readonly VectorEnvironment _environments;
    private readonly EpisodeStatistics?[] _statistics;
    private readonly Pcg64[] _random;
    private readonly bool[] _mask;
    private readonly int[] _actions;
    private readonly StepResult[] _results;
    private readonly byte[] _observations;

    // Which episode each environment plays, −1 for none, and how it stands.
    private readonly int[] _episodes;
    private readonly int[] _steps;
    private readonly double[] _sums;

    // Those that the network is asked about: the numbers of their environments, and their observations side by side.
    private readonly int[] _asked;
    private readonly byte[] _batch;
    private readonly float[] _values;
    private readonly bool[] _legalActions; // [environments, actions], or empty: all are legal.
    private SingleCaller _caller;

    /// <summary>
    /// Evaluates on <paramref name="environment"/>, which stays the caller's and nothing else may step.
    /// </summary>
    public Evaluator(IEnvironment environment, EvaluationOptions? options = null)
        : this(new VectorEnvironment([environment ?? throw new ArgumentNullException(nameof(environment))],
            AutoresetMode.NextStep, threads: 1), options)
    {
    }

    /// <summary>
    /// Evaluates on as many environments at a time; they stay the caller's and nothing else may step them.
    /// </summary>
    /// <param name="environments">Of <see cref="AutoresetMode.NextStep"/>; each episode is begun by its seed.</param>
    /// <param name="options">Which episodes are played, and how; null for the defaults.</param>
    /// <exception cref="ArgumentException">Another mode: it would hide how an episode ended.</exception>
    public Evaluator(VectorEnvironment environments, EvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(environments);
        if (environments.Autoreset != AutoresetMode.NextStep)
        {
            throw new ArgumentException(
                $"Expected environments of {nameof(AutoresetMode)}.{AutoresetMode.NextStep}, got " +
                $"{environments.Autoreset}.", nameof(environments));
        }

        (_environments, Options) = (environments, options ?? new EvaluationOptions());
        int count = environments.Count;
        _statistics = [.. environments.Environments.Select(environment => environment.Find<EpisodeStatistics>())];
        _random = [.. Enumerable.Range(0, count).Select(_ => new Pcg64(0))];
        _mask = new bool[count];
        (_actions, _results) = (new int[count], new StepResult[count]);
        (_observations, _batch) = (new byte[environments.ObservationBytes], new byte[environments.ObservationBytes]);
        (_episodes, _steps, _sums) = (new int[count], new int[count], new double[count]);
        (_asked, _values) = (new int[count], new float[count * environments.Spec.ActionCount]);
        _legalActions = new bool[count * environments.Spec.MaskedActions];
    }

    /// <summary>Which episodes are played, and how.</summary>
    public EvaluationOptions Options { get; }

    /// <summary>
    /// Is told at the beginning and after each episode how far an evaluation has come, by the thread that evaluates; null,
    /// the default, for nobody.
    /// </summary>
    public IProgress<EvaluationProgress>? Progress { get; set; }

    /// <summary>The environment's observations and actions.</summary>
    public EnvironmentSpec Spec => _environments.Spec;

    /// <summary>Where the episodes are played.</summary>
    internal IReadOnlyList<IEnvironment> Environments => _environments.Environments;

    /// <summary>
    /// What the environment is, as data; of several the first, since the result does not depend on how many there are.
    /// </summary>
    public JsonObject DescribeEnvironment() => _environments.Environments[0].Describe();

    /// <summary>
    /// Plays the episodes with the legal action of the greatest value, the first of equals. The network has no noise then and
    /// afterwards.
    /// </summary>
    /// <exception cref="ArgumentException">The network is for other observations or actions.</exception>
    /// <exception cref="InvalidOperationException">
    /// An episode does not end within <see cref="EvaluationOptions.MaxSteps"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public EvaluationResult Evaluate(IQNetwork network, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        EnvironmentSpec spec = _environments.Spec;
        NetworkMatch.Require(network, spec);
        network.ClearNoise();
        return Evaluate(ChooseGreedily, cancellationToken);

        void ChooseGreedily(int count)
        {
            Span<float> values = _values.AsSpan(0, count * spec.ActionCount);
            network.Evaluate(_batch.AsSpan(0, count * spec.ObservationBytes), values);
            for (int i = 0; i < count; i++)
            {
                _actions[_asked[i]] = TemporalDifference.GreedyAction(
                    values.Slice(i * spec.ActionCount, spec.ActionCount), Legal(_asked[i]));
            }
        }
    }

    /// <summary>
    /// Plays the episodes with any policy; on several environments it is asked about their observations in turn.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// An episode does not end within <see cref="EvaluationOptions.MaxSteps"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled, between two steps.</exception>
    public EvaluationResult Evaluate(Policy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Evaluate(Ask, cancellationToken);

        void Ask(int count)
        {
            int bytes = _environments.Spec.ObservationBytes;
            for (int i = 0; i < count; i++)
                _actions[_asked[i]] = policy(_batch.AsSpan(i * bytes, bytes), Legal(_asked[i]));
        }
    }

    private EvaluationResult Evaluate(Action<int> choose, CancellationToken cancellationToken)
    {
        using SingleCaller.Visit visit = _caller.Enter(
            nameof(Evaluator), "For many threads, make an evaluator with environments and a network for each.");
        var episodes = new EpisodeSummary[Options.Episodes];
        int begun = Math.Min(_episodes.Length, episodes.Length), ended = 0;
        _environments.Reset(Options.FirstSeed);
        for (int i = 0; i < _episodes.Length; i++)
            Assign(i, i < begun ? i : -1);
        _environments.Observe(_observations);
        Progress?.Report(new EvaluationProgress(0, episodes.Length));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ChooseActions(choose);
            _environments.Step(_actions, _results, _observations);
            int before = ended;
            for (int i = 0; i < _episodes.Length; i++)
            {
                if (_episodes[i] < 0)
                    continue;
                _steps[i]++;
                _sums[i] += _results[i].Reward;
                if (!_results[i].Ended)
                {
                    RequireEnd(i);
                    continue;
                }

                episodes[_episodes[i]] = Summarize(i);
                ended++;
                Progress?.Report(new EvaluationProgress(ended, episodes.Length));
                Assign(i, begun < episodes.Length ? begun++ : -1);
                if (_episodes[i] >= 0)
                    Reset(i);
            }

            if (ended == episodes.Length)
            {
                var result = new EvaluationResult(Options.FirstSeed, [.. episodes]);
                TrainingMeter.Record(result);
                return result;
            }

            if (ended > before)
                _environments.Observe(_observations);
        }
    }

    /// <summary>
    /// Has an environment play an episode, which its reset begins; or none, −1: what it does then until the others are
    /// done, nobody looks at.
    /// </summary>
    private void Assign(int index, int episode)
    {
        (_episodes[index], _steps[index], _sums[index]) = (episode, 0, 0);
        _random[index].Seed(SeedOf(episode));
    }

    // The vector adds the environment's index to the seed.
    private void Reset(int index)
    {
        _mask[index] = true;
        _environments.Reset(_mask, unchecked(SeedOf(_episodes[index]) - (ulong)index));
        _mask[index] = false;
    }

    private ulong SeedOf(int episode) => unchecked(Options.FirstSeed + (ulong)episode);

    private void ChooseActions(Action<int> choose)
    {
        int asked = 0, bytes = _environments.Spec.ObservationBytes, actions = _environments.Spec.ActionCount;
        if (_legalActions.Length > 0)
            _environments.LegalActions(_legalActions);
        for (int i = 0; i < _episodes.Length; i++)
        {
            _actions[i] = LegalActions.Count(Legal(i), actions) > 0 ? LegalActions.At(Legal(i), 0) : 0;
            if (_episodes[i] < 0)
                continue;
            if (Options.Epsilon > 0 && _random[i].NextDouble() < Options.Epsilon)
            {
                _actions[i] = LegalActions.At(Legal(i), _random[i].Integer(LegalActions.Count(Legal(i), actions)));
                continue;
            }

            _observations.AsSpan(i * bytes, bytes).CopyTo(_batch.AsSpan(asked * bytes));
            _asked[asked++] = i;
        }

        if (asked > 0)
            choose(asked);
    }

    private ReadOnlySpan<bool> Legal(int index) =>
        LegalActions.Of(_legalActions, index, _environments.Spec.ActionCount);

    private void RequireEnd(int index)
    {
        if (_steps[index] < Options.MaxSteps)
            return;
        throw new InvalidOperationException(
            $"Expected evaluation episodes to end within {Options.MaxSteps} steps, got one of " +
            $"{_environments.Spec.Name}, seed {SeedOf(_episodes[index])}, that goes on. Give it an end, " +
            $"environment.{nameof(EnvironmentExtensions.WithTimeLimit)}(…), or raise " +
            $"{nameof(EvaluationOptions)}.{nameof(EvaluationOptions.MaxSteps)}.");
    }

    private EpisodeSummary Summarize(int index) => new(
        _statistics[index]?.Return ?? _sums[index], _steps[index], _results[index].Terminated,
        _results[index].Truncated, _statistics[index]?.Frames ?? _steps[index]);
}
