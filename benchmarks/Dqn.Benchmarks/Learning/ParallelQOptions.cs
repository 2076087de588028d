using Dqn.Agents;
using Dqn.Networks;

namespace Dqn.Benchmarks.Learning;

/// <summary>
/// PQN: M. Gallici et al., "Simplifying deep temporal difference learning" (2024), with the options of its code,
/// purejaxql, but fewer environments, since these budgets are shorter than its ten million steps.
/// </summary>
internal static class ParallelQOptions
{
    public static PqnOptions For(LearningTask task, long steps) => task.Family switch
    {
        TaskFamily.Numbers => new PqnOptions
        {
            Environments = 16,
            RolloutSteps = 32,
            BatchSize = 64,
            Epochs = 4,
            Lambda = 0.95,
            RewardScale = 0.1,
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Max(1, steps / 5)),
            LearningRate = new LearningRateSchedule(1e-3, 1e-5, steps),
            Network = Network(1e-3),
        },
        TaskFamily.Cells => new PqnOptions
        {
            Environments = 16,
            RolloutSteps = 32,
            BatchSize = 64,
            Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps / 10)),
            LearningRate = new LearningRateSchedule(5e-4, 5e-6, steps),
            Network = Network(5e-4),
        },

        // The fast preset's rewards and discount.
        _ => new PqnOptions
        {
            Environments = 16,
            RolloutSteps = 32,
            BatchSize = 64,
            Discount = 0.98,
            RewardScale = 0.1,
            Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps / 5)),
            LearningRate = new LearningRateSchedule(5e-4, 5e-6, steps),
            Network = Network(5e-4),
        },
    };

    private static QNetworkOptions Network(double rate) => new()
    {
        Optimizer = new RAdamOptions { LearningRate = rate },
        MaxGradientNorm = 10,
    };
}
