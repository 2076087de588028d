using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Training;

/// <summary>Keeps, in memory, a copy of the network of the greatest mean return in evaluations.</summary>
internal sealed class BestNetwork : IDisposable
{
    private readonly DqnAgent _agent;
    private readonly Evaluator _evaluator;
    private readonly IQNetwork _copy;
    private readonly BestModelKeeper _keeper;

    /// <summary>Evaluates what the agent has learnt; both stay the caller's.</summary>
    /// <param name="agent">Who learns.</param>
    /// <param name="evaluator">On an environment of its own.</param>
    /// <param name="trained">The environment that is trained in.</param>
    /// <exception cref="ArgumentException">The evaluator steps that very environment, or another task.</exception>
    public BestNetwork(DqnAgent agent, Evaluator evaluator, IEnvironment trained)
    {
        if (evaluator.Environments.Select(Innermost).Contains(Innermost(trained)))
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

        (_agent, _evaluator, _copy) = (agent, evaluator, agent.EvaluationNetwork.Clone());
        _keeper = new BestModelKeeper(() => _copy.CopyParametersFrom(_agent.EvaluationNetwork));
    }

    /// <summary>Evaluates, and keeps a copy where it is the best so far.</summary>
    /// <returns>Null where it was cancelled.</returns>
    public EvaluationResult? Evaluate(long step, CancellationToken cancellationToken)
    {
        try
        {
            EvaluationResult evaluation = _evaluator.Evaluate(_agent.EvaluationNetwork, cancellationToken);
            _keeper.Consider(step, evaluation);
            return evaluation;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Gives the agent the best weights back, its target network and what is evaluated included.</summary>
    public void Restore()
    {
        if (_keeper.Step == 0)
            return;
        _agent.Network.CopyParametersFrom(_copy);
        _agent.SynchronizeTarget();
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
