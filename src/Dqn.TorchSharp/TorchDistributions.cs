using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>What a <see cref="ValueDistribution"/> makes of a network's outputs, on the device.</summary>
internal sealed class TorchDistributions : IDisposable
{
    private readonly ValueDistribution _distribution;

    // The atoms' returns, or what the quantiles are of: [atoms].
    private readonly Tensor _atoms;
    private readonly int _valued;
    private readonly Scalar _count, _half = 0.5f, _minusOne = -1f, _zero = 0f, _one = 1f;

    public TorchDistributions(ValueDistribution distribution, Device device)
    {
        _distribution = distribution;
        _valued = distribution is QuantileDistribution quantiles ? quantiles.Valued : distribution.Atoms;
        _count = _valued;
        float[] atoms = distribution switch
        {
            CategoricalDistribution grid => [.. Atoms().Select(atom => (float)grid.ReturnOf(atom))],
            QuantileDistribution => [.. Atoms().Select(atom => (atom + 0.5f) / distribution.Atoms)],
            _ => throw new NotSupportedException(
                $"Expected CategoricalDistribution or QuantileDistribution, got {distribution}."),
        };
        using DisposeScope scope = NewDisposeScope();
        _atoms = tensor(atoms).to(device).DetachFromDisposeScope();

        IEnumerable<int> Atoms() => Enumerable.Range(0, distribution.Atoms);
    }

    /// <summary>Probabilities or quantiles from outputs, [..., atoms].</summary>
    public Tensor Describe(Tensor outputs) =>
        _distribution is CategoricalDistribution ? outputs.softmax(-1) : outputs;

    /// <summary>The values of what <see cref="Describe"/> or a target says: [...].</summary>
    public Tensor Means(Tensor distributions) => _distribution is CategoricalDistribution
        ? (distributions * _atoms).sum(-1)
        : distributions.narrow(-1, 0, _valued).sum(-1).div_(_count);

    /// <summary>Each item's loss: cross-entropy, or quantile regression with Huber's loss.</summary>
    /// <param name="outputs">[batch, atoms] of the actions taken.</param>
    /// <param name="targets">[batch, atoms].</param>
    public Tensor Losses(Tensor outputs, Tensor targets)
    {
        if (_distribution is CategoricalDistribution)
            return (targets * outputs.log_softmax(-1)).sum(-1).neg();

        // [batch, outputs, targets]
        Tensor u = targets.unsqueeze(1) - outputs.unsqueeze(2), cut = u.clamp(_minusOne, _one);
        Tensor huber = cut * (u - cut * _half);
        Tensor weights = (_atoms.unsqueeze(1) - u.detach().lt(_zero).to(ScalarType.Float32)).abs();
        return (weights * huber).mean([2]).sum(-1);
    }

    public void Dispose()
    {
        _atoms.Dispose();
        foreach (Scalar scalar in new[] { _count, _half, _minusOne, _zero, _one })
            scalar.Dispose();
    }
}
