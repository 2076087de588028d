using Dqn.Agents;
using Dqn.CarRacing.Presets;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>M. Hessel et al., "Rainbow: combining improvements in deep reinforcement learning" (2018), on plain DQN's data.</summary>
internal static class RainbowOptions
{
    public static DqnOptions For(LearningTask task, long steps)
    {
        TaskFamily family = task.Family;
        DqnOptions plain = family switch
        {
            TaskFamily.Numbers => NumbersOptions.For(steps),
            TaskFamily.Cells => PlainOptions.For(task, steps),
            _ => LearningTask.Racing.Agent with { EvaluationRisk = 1 }, // For quantiles alone.
        };
        return plain with
        {
            Epsilon = new EpsilonSchedule(0, 0, 1), // Its noise explores.
            BufferCapacity = Math.Min(plain.BufferCapacity, steps),
            UpdatePeriod = family == TaskFamily.Cells ? 4 : plain.UpdatePeriod,
            NStep = 3,
            DoubleDqn = true,
            Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.5 },
            ImportanceSteps = steps,
            Architecture = new ActionValueOptions { Dueling = true, Noisy = true, Distribution = Support(family) },
            LearningRate = family == TaskFamily.Numbers ? plain.LearningRate : null,
            Network = new QNetworkOptions
            {
                Optimizer = family switch
                {
                    TaskFamily.Numbers => plain.Network.Optimizer,
                    TaskFamily.Cells => new AdamOptions { LearningRate = 2.5e-4, Epsilon = 1.5e-4 },
                    _ => CarRacingPresets.Rainbow.Agent.Network.Optimizer,
                },
                MaxGradientNorm = 10,
            },
        };
    }

    // Wide enough for discounted returns: 100 steps of ±1; MinAtar's rewards, seldom more than one in five steps. The middle is
    // what a network expects before it has learnt: 0, where rewards are rare.
    private static ValueDistribution Support(TaskFamily family) => family switch
    {
        TaskFamily.Numbers => new CategoricalDistribution(-100, 100, 101),
        TaskFamily.Cells => new CategoricalDistribution(-20, 20),
        _ => CarRacingPresets.Rainbow.Agent.Architecture.Distribution,
    };
}
