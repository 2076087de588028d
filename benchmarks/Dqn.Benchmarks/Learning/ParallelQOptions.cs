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
        TaskFamily.Numbers => Numbers(task, steps),
        TaskFamily.Cells => Common(steps, explored: steps / 10),

        // The sprint preset's rewards and discount.
        _ => Common(steps, explored: steps / 5) with { Discount = 0.98, RewardScale = 0.1 },
    };

    private static PqnOptions Common(long steps, long explored) => new()
    {
        Environments = 16,
        RolloutSteps = 32,
        BatchSize = 64,
        Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, explored)),
        LearningRate = new LearningRateSchedule(5e-4, 5e-6, steps),
        Network = Network(5e-4),
    };

    // What found CartPole's 500 from ten seeds of ten; the two tasks whose rewards are all −1 until the goal differ in what
    // it took to find it and to come near it, as RL Baselines3 Zoo's options for them do.
    private static PqnOptions Numbers(LearningTask task, long steps)
    {
        PqnOptions options = Common(steps, explored: steps / 5) with
        {
            Epochs = 4,
            Lambda = 0.95,
            RewardScale = 0.1,
            LearningRate = new LearningRateSchedule(5e-4, 1e-5, steps),
            EvaluationAverage = 0.99,
        };
        return task.Name switch
        {
            "Acrobot-v1" => options with
            {
                Environments = 4,
                RolloutSteps = 128,
                Epochs = 8,
                Lambda = 0.65,
                Discount = 0.995,
                RewardScale = 1,
                Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps / 10)),
                LearningRate = new LearningRateSchedule(2e-3, 2e-4, steps),
                EvaluationAverage = 0.995,
                Network = Network(2e-3),
            },
            "MountainCar-v0" => options with
            {
                Discount = 0.995,
                RewardScale = 0.05,
                ExplorationDuration = new ExplorationDuration(),
            },
            _ => options,
        };
    }

    private static QNetworkOptions Network(double rate) => new()
    {
        Optimizer = new RAdamOptions { LearningRate = rate },
        MaxGradientNorm = 10,
    };
}
