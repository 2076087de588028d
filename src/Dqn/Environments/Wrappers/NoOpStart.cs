using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Begins every episode with steps of one action that the agent does not see. In CarRacing they pass the first second,
/// in which the camera zooms. Should the episode end meanwhile, a new one is begun and the remaining steps are made
/// there.
/// </summary>
public sealed class NoOpStart : EnvironmentWrapper
{
    private readonly int _action;
    private readonly bool[] _legalActions;

    /// <summary>Begins every episode with <paramref name="steps"/> steps of <paramref name="action"/>.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="steps">How many steps, at least 0.</param>
    /// <param name="action">The action that does nothing; where it is illegal, the agent's turn begins.</param>
    public NoOpStart(IEnvironment inner, int steps = 50, int action = 0)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        inner.Spec.ThrowIfNotAnAction(action);
        Steps = steps;
        _action = action;
        _legalActions = new bool[inner.Spec.MaskedActions];
    }

    /// <summary>How many steps each episode begins with.</summary>
    public int Steps { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        Inner.Reset(seed);
        for (int i = 0; i < Steps && Inner.IsLegal(_action, _legalActions); i++)
        {
            if (Inner.Step(_action).Ended)
                Inner.Reset();
        }
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers)
    {
        numbers["steps"] = Steps;
        numbers["action"] = _action;
    }
}
