namespace Dqn.Networks;

/// <summary>
/// What fits a value function towards targets, by an optimizer of its own, and takes on another's parameters, as target
/// networks and averages do.
/// </summary>
/// <example>
/// One step towards a value of 1 for action 0:
/// <code>
/// IValueLearner learner = agent.EvaluationNetwork;
/// FitResult fit = learner.Fit(observation, [0], [1f], weights: [], tdErrors: []);
/// </code></example>
public interface IValueLearner
{
    /// <summary>How it learns, for a training run to keep and compare; null unless implemented.</summary>
    QNetworkOptions? Options => null;

    /// <summary>
    /// What the optimizer multiplies an update with, above 0 and finite; at first what the network's options say. A
    /// change counts from the next fit on. Whoever changes it does so again after
    /// <see cref="INetworkState.LoadState"/>: it is part of no saved state, nor of a clone.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and finite.</exception>
    double LearningRate { get; set; }

    /// <summary>
    /// One optimizer step that moves what is said of each taken action's return towards its target.
    /// </summary>
    /// <param name="observations">[batch, <see cref="Values.IValueFunction.ObservationBytes"/>].</param>
    /// <param name="actions">[batch], each 0 … <see cref="Values.IValueFunction.ActionCount"/> − 1.</param>
    /// <param name="targets">[batch, atoms], constants: values, probabilities or quantiles.</param>
    /// <param name="weights">[batch] factors on each item's loss, or empty for all 1.</param>
    /// <param name="tdErrors">
    /// Destination, [batch]: the target's value − the value before the step; of a
    /// <see cref="Values.ImplicitQuantileDistribution"/> the mean |target − quantile| over all pairs, as its replay wants it.
    /// Empty if not wanted.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The lengths do not fit one batch size, or an action does not exist.
    /// </exception>
    FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors);

    /// <summary>Copies the parameters of a network of the same architecture; the optimizer's state stays.</summary>
    /// <exception cref="ArgumentException">Another architecture.</exception>
    void CopyParametersFrom(IQNetwork source);

    /// <summary>
    /// Moves each parameter θ by <paramref name="fraction"/> · (source − θ); the optimizer's state stays. A target
    /// network moved so after each update follows the online one smoothly. Source: T. Lillicrap et al., "Continuous
    /// control with deep reinforcement learning" (2016).
    /// </summary>
    /// <param name="source">A network of the same architecture.</param>
    /// <param name="fraction">Above 0, at most 1, which copies.</param>
    /// <exception cref="ArgumentException">Another architecture.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is out of its range.</exception>
    void MoveParametersTowards(IQNetwork source, float fraction);
}
