using Dqn.Agents;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// IQN: W. Dabney, G. Ostrovski, D. Silver, R. Munos, "Implicit quantile networks for distributional reinforcement learning"
/// (2018), in place of <see cref="QuantileOptions"/>' fixed quantiles: 8 drawn and 8 in the targets, as there. 8 value the
/// actions, too, where the paper has 32, for a third of the time. All layers after the embedding compute once for each
/// quantile, so batches for numbers and MinAtar's cells are the paper's 32, not 128 and 64.
/// </summary>
internal static class ImplicitOptions
{
    public static DqnOptions For(LearningTask task, long steps)
    {
        DqnOptions quantiles = QuantileOptions.For(task, steps);
        return quantiles with
        {
            BatchSize = task.Family == TaskFamily.Racing ? quantiles.BatchSize : 32,
            Architecture = quantiles.Architecture with { Distribution = new ImplicitQuantileDistribution(atoms: 8) },
        };
    }
}
