using Dqn.Agents;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// The learning rules on tensors: <see cref="TemporalDifference"/>, <see cref="Munchausen"/>,
/// <see cref="AdvantageLearning"/> and, through <see cref="TorchDistributions"/>, the head's.
/// Subscripts are those of <see cref="TemporalDifference"/>; all without gradients.
/// </summary>
internal sealed class TorchTargets : IDisposable
{
    /// <summary>
    /// What is added to an illegal action's value: so low that it is never the greatest, and that its share of a softmax is
    /// 0, yet finite, since 0 times what follows the end of a task must be 0.
    /// </summary>
    public const float Illegal = -1e30f;

    private readonly TorchDistributions _distributions;
    private readonly bool _munchausen;
    private readonly Scalar _scale, _temperature, _coldness, _floor, _zero = 0f, _one = 1f;

    /// <param name="options">Which rules.</param>
    /// <param name="distributions">What the networks say; not owned.</param>
    public TorchTargets(DqnOptions options, TorchDistributions distributions)
    {
        (_distributions, _munchausen) = (distributions, options.Munchausen is not null);
        (UsesSelector, UsesTaken) = (options.DoubleDqn, _munchausen || options.AdvantageLearning > 0);
        _scale = options.Munchausen?.Scale ?? options.AdvantageLearning;
        double temperature = options.Munchausen?.Temperature ?? 1;
        (_temperature, _coldness) = (temperature, 1 / temperature);
        _floor = options.Munchausen?.LogPolicyFloor ?? 0;
    }

    /// <summary>Whether the online network selects the next action: Double DQN.</summary>
    public bool UsesSelector { get; }

    /// <summary>Whether the target network's values at the current observations count.</summary>
    public bool UsesTaken { get; }

    /// <summary>Adds to r₁ what the action taken loses to those that the target network prefers.</summary>
    /// <param name="rewards">[batch].</param>
    /// <param name="actions">a₀, [batch].</param>
    /// <param name="outputs">Of the target network at s₀.</param>
    /// <param name="legality">At s₀, [batch, actions], 0 or <see cref="Illegal"/>; null: all are legal.</param>
    public Tensor AddTaken(Tensor rewards, Tensor actions, Tensor outputs, Tensor? legality)
    {
        Tensor values = Masked(Values(outputs), legality), taken = values.gather(1, actions.unsqueeze(1)).squeeze(1);
        Tensor loss = _munchausen
            ? (taken - SoftMaximum(values)).clamp_(_floor, _zero)
            : taken - values.amax([1]);
        return rewards.add(loss, _scale);
    }

    /// <summary>The targets: [batch, atoms].</summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch].</param>
    /// <param name="outputs">Of the target network at s₁.</param>
    /// <param name="selector">Of the online network at s₁ where it selects, else null.</param>
    /// <param name="legality">At s₁, [batch, actions], 0 or <see cref="Illegal"/>; null: all are legal.</param>
    public Tensor Targets(Tensor rewards, Tensor discounts, Tensor outputs, Tensor? selector, Tensor? legality)
    {
        Tensor described = _distributions.Describe(outputs), next;
        if (_munchausen)
        {
            // Σ π (z − τ log π), quantile by quantile.
            Tensor values = Masked(_distributions.Means(described), legality);
            Tensor logPolicy = values - SoftMaximum(values).unsqueeze(1), policy = (logPolicy * _coldness).exp();
            next = described.shape[2] == 1
                ? SoftMaximum(values).unsqueeze(1)
                : (policy.unsqueeze(2) * (described - logPolicy.unsqueeze(2))).sum(1);
        }
        else
        {
            Tensor means = selector is null ? _distributions.Means(described) : Values(selector);
            Tensor best = Masked(means, legality).argmax(1, keepdim: true).unsqueeze(2).expand(-1, 1, described.shape[2]);
            next = described.gather(1, best).squeeze(1);
        }

        return _distributions.Targets(rewards, discounts, next);
    }

    public void Dispose()
    {
        foreach (Scalar scalar in new[] { _scale, _temperature, _coldness, _floor, _zero, _one })
            scalar.Dispose();
    }

    private Tensor Values(Tensor outputs) => _distributions.Means(_distributions.Describe(outputs));

    private static Tensor Masked(Tensor values, Tensor? legality) => legality is null ? values : values + legality;

    // τ log Σ exp(q / τ)
    private Tensor SoftMaximum(Tensor values) => values.mul(_coldness).logsumexp(1).mul_(_temperature);
}
