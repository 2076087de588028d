using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// A network that can also value its quantiles by their worst part: one decides by that while the other learns.
/// </summary>
public interface IRiskAware : IQNetwork
{
    /// <summary>
    /// Makes an independent network of the same parameters that values actions by the lowest quantiles alone.
    /// </summary>
    /// <param name="riskLevel">Which part of them: above 0, up to 1; <see cref="QuantileDistribution.RiskLevel"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Out of its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The network's distribution is neither a <see cref="QuantileDistribution"/> nor an
    /// <see cref="ImplicitQuantileDistribution"/>.
    /// </exception>
    IQNetwork CloneAtRisk(double riskLevel);
}
