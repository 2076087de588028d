using Dqn.Agents;
using Dqn.CarRacing.Presets;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>Plain DQN: V. Mnih et al., "Human-level control through deep reinforcement learning" (2015).</summary>
internal static class PlainOptions
{
    public static DqnOptions For(TaskFamily family, long steps) => family switch
    {
        // Between what rl-baselines3-zoo has for each of the three; the learning rate falls, since here one set is for all.
        TaskFamily.Numbers => new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps * 16 / 100)),
            WarmupSteps = Math.Min(1_000, steps / 10),
            BufferCapacity = Math.Min(50_000, steps),
            BatchSize = 128,
            UpdatePeriod = 2,
            TargetUpdatePeriod = 500,
            LearningRate = new LearningRateSchedule(1e-3, 1e-5, steps),
            Network = new QNetworkOptions
            {
                Optimizer = new AdamOptions { LearningRate = 1e-3 },
                Loss = Loss.SmoothL1,
                MaxGradientNorm = 10,
            },
        },

        // MinAtar's own, ε's fall as a part of the steps where they are fewer than its five million.
        TaskFamily.Cells => new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Clamp(steps / 5, 1, 100_000)),
            WarmupSteps = Math.Min(5_000, steps / 10),
            BufferCapacity = Math.Min(100_000, steps),
            TargetUpdatePeriod = 1_000,
            Network = new QNetworkOptions
            {
                Optimizer = new RmsPropOptions { LearningRate = 2.5e-4, Alpha = 0.95, Epsilon = 0.01, Centered = true },
                Loss = Loss.SmoothL1,
            },
        },

        // The fast preset's data and pace, with a number for an action's value.
        _ => CarRacingPresets.Fast.Agent with
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
}
