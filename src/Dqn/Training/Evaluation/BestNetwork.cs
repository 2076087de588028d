using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Training;

/// <summary>Keeps, in memory, a copy of the network of the greatest mean return in evaluations.</summary>
internal sealed class BestNetwork : IDisposable
{
    private readonly ILearner _learner;
    private readonly Action _synchronize;
    private readonly Evaluator _evaluator;
    private readonly IQNetwork _copy;
    private readonly BestModelKeeper _keeper;

    /// <summary>Evaluates what has been learnt; learner and evaluator stay the caller's.</summary>
    /// <param name="learner">Who learns.</param>
    /// <param name="synchronize">Makes what follows the learner's network equal to it.</param>
    /// <param name="evaluator">On an environment of its own.</param>
    /// <param name="environments">Those that are trained in.</param>
    /// <exception cref="ArgumentException">The evaluator steps one of those very environments, or another task.</exception>
    public BestNetwork(
        ILearner learner, Action synchronize, Evaluator evaluator, ImmutableArray<IEnvironment> environments)
    {
        IEnvironment trained = environments[0];
        if (evaluator.Environments.Select(Innermost).Intersect(environments.Select(Innermost)).Any())
        {
            throw new ArgumentException(
                $"Expected an evaluator on an environment of its own, got the {trained.Spec.Name} that is trained in: an " +
                "evaluation would cut its episode off. Make a second environment for the evaluator.", nameof(evaluator));
        }

        if (!evaluator.Spec.Equals(trained.Spec))
        {
            throw new ArgumentException(
                $"Expected an evaluator for {trained.Spec.Name} with observations of " +
                $"[{string.Join(", ", trained.Spec.ObservationShape)}], got {evaluator.Spec.Name} with " +
                $"[{string.Join(", ", evaluator.Spec.ObservationShape)}]: give both environments the same wrappers.",
                nameof(evaluator));
        }

        (_learner, _synchronize, _evaluator) = (learner, synchronize, evaluator);
        _copy = learner.EvaluationNetwork.Clone();
        _keeper = new BestModelKeeper(() => _copy.CopyParametersFrom(learner.EvaluationNetwork));
    }

    /// <summary>Evaluates, and keeps a copy where it is the best so far.</summary>
    /// <returns>Null where it was cancelled.</returns>
    public EvaluationResult? Evaluate(long step, CancellationToken cancellationToken)
    {
        try
        {
            EvaluationResult evaluation = _evaluator.Evaluate(_learner.EvaluationNetwork, cancellationToken);
            _keeper.Consider(step, evaluation);
            return evaluation;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Gives the learner the best weights back, what follows its network included.</summary>
    public void Restore()
    {
        if (_keeper.Step == 0)
            return;
        _learner.Network.CopyParametersFrom(_copy);
        _synchronize();
    }

    /// <summary>Disposes the copy.</summary>
    public void Dispose() => _copy.Dispose();

    private static IEnvironment Innermost(IEnvironment environment)
    {
        while (environment is EnvironmentWrapper wrapper)
            environment = wrapper.Inner;
        return environment;
    }
}
