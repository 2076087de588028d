using Dqn.Agents;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>Plain DQN: V. Mnih et al., "Human-level control through deep reinforcement learning" (2015).</summary>
internal static class PlainOptions
{
    /// <summary>The hidden layers that RL Baselines3 Zoo has for numbers.</summary>
    public static int[] Hidden => [256, 256];

    public static DqnOptions For(LearningTask task, long steps) => task.Family switch
    {
        TaskFamily.Numbers => Zoo(task, steps),

        // Those of MinAtar's own DQN. Mnih's "gradient momentum" is the centred mean's decay; PyTorch's momentum stays 0 there.
        TaskFamily.Cells => new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Clamp(steps, 1, 100_000)),
            WarmupSteps = Math.Min(5_000, steps / 10),
            BufferCapacity = Math.Min(100_000, steps),
            TargetUpdatePeriod = 1_000,
            Network = new QNetworkOptions
            {
                Optimizer = new RmsPropOptions { LearningRate = 2.5e-4, Alpha = 0.95, Epsilon = 0.01, Centered = true },
                Loss = Loss.SmoothL1,
            },
        },

        // The sprint preset's data and pace, with a number for an action's value.
        _ => LearningTask.Racing.Agent with
        {
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Max(1, steps / 5)),
            BufferCapacity = Math.Min(100_000, steps),
            NStep = 1,
            DoubleDqn = false,
            Prioritized = null,
            ImportanceSteps = 0,
            Architecture = new ActionValueOptions(),
            EvaluationAverage = 0,
            EvaluationRisk = 1,
            LearningRate = null,
        },
    };

    // RL Baselines3 Zoo's, tuned for each task; what Stable-Baselines3 has beside them: Adam, Huber's loss, gradients up to 10.
    private static DqnOptions Zoo(LearningTask task, long steps) => task.Name switch
    {
        "CartPole-v1" => Zoo(2.3e-3) with
        {
            Epsilon = new EpsilonSchedule(1, 0.04, Math.Max(1, steps * 16 / 100)),
            WarmupSteps = 1_000,
            BufferCapacity = 100_000,
            BatchSize = 64,
            TargetUpdatePeriod = 10,
            UpdatePeriod = 256,
            UpdatesPerPeriod = 128,
        },
        "MountainCar-v0" => Zoo(4e-3) with
        {
            Epsilon = new EpsilonSchedule(1, 0.07, Math.Max(1, steps * 20 / 100)),
            WarmupSteps = 1_000,
            BufferCapacity = 10_000,
            BatchSize = 128,
            Discount = 0.98,
            TargetUpdatePeriod = 600,
            UpdatePeriod = 16,
            UpdatesPerPeriod = 8,
        },
        "Acrobot-v1" => Zoo(6.3e-4) with
        {
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Max(1, steps * 12 / 100)),
            WarmupSteps = 0,
            BufferCapacity = 50_000,
            BatchSize = 128,
            TargetUpdatePeriod = 250,
            UpdatePeriod = 4,
            UpdatesPerPeriod = 4,
        },
        _ => throw new ArgumentException($"Expected a task that RL Baselines3 Zoo has options for, got {task.Name}.", nameof(task)),
    };

    private static DqnOptions Zoo(double learningRate) => new()
    {
        Network = new QNetworkOptions
        {
            Optimizer = new AdamOptions { LearningRate = learningRate },
            Loss = Loss.SmoothL1,
            MaxGradientNorm = 10,
        },
    };
}
