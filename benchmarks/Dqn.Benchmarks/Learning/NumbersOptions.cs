using Dqn.Agents;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Benchmarks.Learning;

/// <summary>What Rainbow and the quantiles have on tasks of a few numbers: one set for the three.</summary>
internal static class NumbersOptions
{
    public static DqnOptions For(long steps) => new()
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
    };
}
