using Dqn.Values;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>What a <see cref="ValueDistribution"/> makes of a network's outputs, on the device.</summary>
internal sealed class TorchDistributions : IDisposable
{
    private readonly ValueDistribution _distribution;
    private readonly Loss _loss;

    // The atoms' returns, or what the quantiles are of: [atoms].
    private readonly Tensor _atoms;
    private readonly int _valued;

    // Of a grid: its least return, atoms per unit of return, the places 0 … atoms − 1, and the last of them.
    private readonly Tensor? _places;
    private readonly Scalar _lowest, _density, _last;

    private readonly Scalar _count, _half = 0.5f, _minusOne = -1f, _zero = 0f, _one = 1f;

    /// <param name="distribution">What the outputs mean.</param>
    /// <param name="loss">What a number's distance from its target costs.</param>
    /// <param name="device">Where it computes.</param>
    public TorchDistributions(ValueDistribution distribution, Loss loss, Device device)
    {
        (_distribution, _loss) = (distribution, loss);
        _valued = distribution is QuantileDistribution quantiles ? quantiles.Valued : distribution.Atoms;
        _count = _valued;
        float[] atoms = distribution switch
        {
            CategoricalDistribution grid => [.. Atoms().Select(atom => (float)grid.ReturnOf(atom))],
            _ => [.. Atoms().Select(atom => (atom + 0.5f) / distribution.Atoms)],
        };
        using DisposeScope scope = NewDisposeScope();
        _atoms = tensor(atoms).to(device).DetachFromDisposeScope();
        var support = distribution as CategoricalDistribution;
        (_lowest, _last) = (support?.Min ?? 0, distribution.Atoms - 1f);
        _density = support is null ? 0 : (distribution.Atoms - 1) / ((double)support.Max - support.Min);
        _places = support is null
            ? null : arange(distribution.Atoms, ScalarType.Float32, device).DetachFromDisposeScope();

        IEnumerable<int> Atoms() => Enumerable.Range(0, distribution.Atoms);
    }

    /// <summary>Probabilities or quantiles from outputs, [..., atoms].</summary>
    public Tensor Describe(Tensor outputs) =>
        _distribution is CategoricalDistribution ? outputs.softmax(-1) : outputs;

    /// <summary>The values of what <see cref="Describe"/> or a target says: [...].</summary>
    public Tensor Means(Tensor distributions) => _distribution switch
    {
        SingleValue => distributions.squeeze(-1),
        CategoricalDistribution => (distributions * _atoms).sum(-1),
        _ => distributions.narrow(-1, 0, _valued).sum(-1).div_(_count),
    };

    /// <summary>
    /// Each item's loss, [batch]: the network's, cross-entropy, or quantile regression with Huber's loss.
    /// </summary>
    /// <param name="outputs">[batch, atoms] of the actions taken.</param>
    /// <param name="targets">[batch, atoms].</param>
    public Tensor Losses(Tensor outputs, Tensor targets)
    {
        if (_distribution is SingleValue)
        {
            Tensor costs = _loss == Loss.MeanSquared
                ? nn.functional.mse_loss(outputs, targets, nn.Reduction.None)
                : nn.functional.smooth_l1_loss(outputs, targets, nn.Reduction.None);
            return costs.squeeze(-1);
        }

        if (_distribution is CategoricalDistribution)
            return (targets * outputs.log_softmax(-1)).sum(-1).neg();

        // [batch, outputs, targets]
        Tensor u = targets.unsqueeze(1) - outputs.unsqueeze(2), cut = u.clamp(_minusOne, _one);
        Tensor huber = cut * (u - cut * _half);
        Tensor weights = (_atoms.unsqueeze(1) - u.detach().lt(_zero).to(ScalarType.Float32)).abs();
        return (weights * huber).mean([2]).sum(-1);
    }

    /// <summary>
    /// The targets, [batch, atoms]: values and quantiles shifted, probabilities put back on the grid, where an atom gets of each return the share
    /// that its nearness gives, 1 at its place, 0 at the next one's.
    /// </summary>
    /// <param name="rewards">r₁, [batch].</param>
    /// <param name="discounts">discount₁, [batch].</param>
    /// <param name="next">z₁, [batch, atoms].</param>
    public Tensor Targets(Tensor rewards, Tensor discounts, Tensor next)
    {
        Tensor shift = rewards.unsqueeze(1), scale = discounts.unsqueeze(1);
        if (_places is null)
            return shift.addcmul(scale, next, _one);
        Tensor places = shift.addcmul(scale, _atoms, _one).sub_(_lowest).mul_(_density).clamp_(_zero, _last);
        Tensor shares = (places.unsqueeze(2) - _places).abs_().neg_().add_(_one).clamp_min_(_zero);
        return (next.unsqueeze(2) * shares).sum(1);
    }

    public void Dispose()
    {
        _atoms.Dispose();
        _places?.Dispose();
        foreach (Scalar scalar in new[] { _count, _half, _minusOne, _zero, _one, _lowest, _density, _last })
            scalar.Dispose();
    }
}
