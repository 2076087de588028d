using Dqn.Agents;
using Dqn.CarRacing.Training;
using Dqn.Networks;
using Dqn.Replay;
using Dqn.Values;

namespace Dqn.CarRacing.Presets;

/// <summary>The presets that have been tried at length.</summary>
public static class CarRacingPresets
{
    /// <summary>
    /// The notebook's agent, whose options are the library's defaults: V. Mnih et al. (2015). Hours to learn.
    /// </summary>
    public static CarRacingPreset Nature { get; } = new()
    {
        Name = "nature",
        Description = "the notebook's options, those of Mnih et al. (2015): hours to learn",
    };

    /// <summary>A driver that solves the task within half an hour on two cores.</summary>
    public static CarRacingPreset Fast { get; } = new()
    {
        Name = "fast",
        Description = "a driver above 900 within half an hour on two cores",
        Network = new DriverNetwork { Kind = DriverNetworkKind.Compact, Scale = 2 },
        Pixels = new PixelPipeline { NoOpFrames = 0, TileContrast = true },
        Training = new TrainingTask
        {
            MissedTilePenalty = 10,
            FollowingTilePenalty = 10,
            StandingPenalty = 3,
            LapBonus = 150,
            WayBackTurn = 40,
            WayBackDistance = 60,

            // Long enough to find back to the road, or to learn that the road behind gives nothing.
            RewardTimeout = 100,
        },
        EvaluationInterval = 50_000,

        // In the end agents differ by the one car in hundreds that they lose.
        EvaluationEpisodes = 300,
        CheckpointInterval = 100_000,
        Agent = new DqnOptions
        {
            Environments = 16,

            // Half of the environments drive almost as the agent would, and all do more and more.
            Epsilon = new EpsilonSchedule(1, 0.4, 50_000) { Ladder = 7, Then = new EpsilonSchedule(0.4, 0.12, 950_000) },
            WarmupSteps = 5_000,
            BufferCapacity = 400_000,
            BatchSize = 128,
            UpdatePeriod = 16,
            TargetUpdatePeriod = 16, // Every update.
            TargetUpdateRate = 0.005,
            Discount = 0.98,
            NStep = 3,
            DoubleDqn = true,
            Prioritized = new PrioritizedReplayOptions(),
            ImportanceSteps = 1_000_000,
            Architecture = new ActionValueOptions { Dueling = true, Distribution = new QuantileDistribution(32) },
            RewardScale = 0.1,
            EvaluationAverage = 0.9995,
            EvaluationRisk = 0.5,
            LearningRate = new LearningRateSchedule(3e-4, 3e-5, 1_000_000),
            Network = new QNetworkOptions
            {
                Optimizer = new AdamOptions { LearningRate = 3e-4, Epsilon = 1e-4 },
                MaxGradientNorm = 10,
            },
        },
    };

    /// <summary>A driver above 900 within five minutes of training on two cores, with nine actions.</summary>
    /// <remarks>
    /// Whoever can steer while gaining speed learns sooner what a lap takes. Half the filters make an update shorter, and layer
    /// normalisation makes up for what they learn less.
    /// </remarks>
    public static CarRacingPreset Sprint { get; } = Fast with
    {
        Name = "sprint",
        Description = "nine actions, above 900 within five minutes on two cores",
        Steps = 310_000,
        Task = new CarRacingOptions { Actions = CarActions.Nine },
        Network = new DriverNetwork { Kind = DriverNetworkKind.Compact },
        EvaluationInterval = 62_000,
        EvaluationEpisodes = 100,
        Agent = Fast.Agent with
        {
            Epsilon = new EpsilonSchedule(1, 0.4, 40_000) { Ladder = 7, Then = new EpsilonSchedule(0.4, 0.12, 270_000) },
            WarmupSteps = 3_000,
            ImportanceSteps = 310_000,
            Architecture = Fast.Agent.Architecture with { LayerNorm = true },
            EvaluationAverage = 0.999,
            LearningRate = new LearningRateSchedule(3e-4, 2e-5, 310_000),
        },
    };

    /// <summary>What M. Hessel et al., "Rainbow" (2018) put together, on the fast preset's data and network.</summary>
    public static CarRacingPreset Rainbow { get; } = Fast with
    {
        Name = "rainbow",
        Description = "Rainbow's six improvements together",
        Agent = Fast.Agent with
        {
            Architecture = new ActionValueOptions
            {
                Dueling = true,
                Noisy = true,
                Distribution = new CategoricalDistribution(-10, 50),
            },
            EvaluationRisk = 1, // For quantiles alone.
            Epsilon = new EpsilonSchedule(0, 0, 1),
            Prioritized = new PrioritizedReplayOptions { PriorityExponent = 0.5 },
            ImportanceSteps = Fast.Steps,
        },
    };

    /// <summary>
    /// The official rewards and nothing else: no prices or bonuses that read the simulator, and every episode starts at the
    /// line. An episode without rewards is still given up, and the pixels are still transformed. Hours to learn.
    /// </summary>
    /// <remarks>
    /// To the agent a decision saved is worth what the next decision brings, however long its horizon: how far a lap has come is in
    /// no picture. With <see cref="CarActions.Nine"/> that is more than a tile, so that it drives past one in twenty-five. Less gas
    /// makes it one in a hundred, and a third of the laps are finished after 200,000 steps, fewer later: below 900 still.
    /// </remarks>
    public static CarRacingPreset Pure { get; } = Sprint with
    {
        Name = "pure",
        Description = "nine actions, the official rewards alone, nothing shaped",
        Steps = 1_000_000,
        Task = new CarRacingOptions { Actions = CarActions.NineOf(steer: 0.6, gas: 0.15, brake: 0.4) },
        Training = new TrainingTask { RewardTimeout = Fast.Training.RewardTimeout },
        EvaluationInterval = 50_000,
        Agent = Sprint.Agent with
        {
            Discount = 0.99,
            NStep = 5,
            Epsilon = new EpsilonSchedule(1, 0.4, 50_000) { Ladder = 7, Then = new EpsilonSchedule(0.4, 0.1, 950_000) },
            ImportanceSteps = 1_000_000,
            EvaluationAverage = 0.9995,
            LearningRate = new LearningRateSchedule(3e-4, 2e-5, 1_000_000),
        },
    };

    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<CarRacingPreset> All { get; } = [Fast, Sprint, Pure, Rainbow, Nature];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static CarRacingPreset Named(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new ArgumentException(
            $"Expected the preset {string.Join(" or ", All.Select(preset => preset.Name))}, got '{name}'.", nameof(name));
}
