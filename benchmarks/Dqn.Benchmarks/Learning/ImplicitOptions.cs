using Dqn.Agents;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// IQN: W. Dabney, G. Ostrovski, D. Silver, R. Munos, "Implicit quantile networks for distributional reinforcement learning"
/// (2018), in place of <see cref="QuantileOptions"/>' fixed quantiles.
/// </summary>
internal static class ImplicitOptions
{
    public static DqnOptions For(TaskFamily family, long steps)
    {
        DqnOptions quantiles = QuantileOptions.For(family, steps);
        return quantiles with { Architecture = quantiles.Architecture with { Distribution = new ImplicitQuantileDistribution() } };
    }
}
