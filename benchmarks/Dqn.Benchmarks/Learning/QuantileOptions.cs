using Dqn.Agents;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>The sprint preset's learner: quantiles with what goes well with them, and ε-greedy.</summary>
internal static class QuantileOptions
{
    public static DqnOptions For(LearningTask task, long steps)
    {
        TaskFamily family = task.Family;
        if (family == TaskFamily.Racing)
        {
            // Its schedules are for 310,000 steps.
            return LearningTask.Racing.Agent with
            {
                Epsilon = new EpsilonSchedule(1, 0.4, Math.Max(1, steps / 8))
                {
                    Ladder = 7,
                    Then = new EpsilonSchedule(0.4, 0.12, Math.Max(1, steps * 7 / 8)),
                },
                BufferCapacity = Math.Min(LearningTask.Racing.Agent.BufferCapacity, steps),
                ImportanceSteps = steps,
                LearningRate = new LearningRateSchedule(3e-4, 2e-5, steps),
            };
        }

        double rate = family == TaskFamily.Numbers ? 1e-3 : 2.5e-4;
        DqnOptions data = family == TaskFamily.Numbers ? NumbersOptions.For(steps) : PlainOptions.For(task, steps) with
        {
            Epsilon = new EpsilonSchedule(1, 0.1, Math.Clamp(steps / 5, 1, 100_000)),
            BatchSize = 64,
            UpdatePeriod = 4,
        };
        return data with
        {
            NStep = 3,

            // Single random steps find the flag from some seeds alone.
            ExplorationDuration = task.Name == "MountainCar-v0" ? new ExplorationDuration() : null,
            DoubleDqn = true,
            Prioritized = new PrioritizedReplayOptions(),
            ImportanceSteps = steps,
            Architecture = new ActionValueOptions { Dueling = true, LayerNorm = true, Distribution = new QuantileDistribution(32) },
            EvaluationAverage = 0.999,
            LearningRate = new LearningRateSchedule(rate, rate / 100, steps),
            Network = new QNetworkOptions
            {
                Optimizer = new AdamOptions { LearningRate = rate, Epsilon = 1e-4 },
                MaxGradientNorm = 10,
            },
        };
    }
}
