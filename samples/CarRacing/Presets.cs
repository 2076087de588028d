using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Samples.CarRacing;

/// <summary>A set of options that belong together; each can be overridden on the command line.</summary>
internal sealed record Preset
{
    /// <summary>CarRacing's actions in a mirror: steering left and right are exchanged.</summary>
    public static ImmutableArray<int> MirrorActions { get; } = [0, 2, 1, 3, 4];

    /// <summary>What <c>--preset</c> takes.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, in a few words.</summary>
    public required string Description { get; init; }

    /// <summary>Agent steps in all (four frames each), of all environments together.</summary>
    public required long Steps { get; init; }

    /// <summary>How the agent acts and learns, its network's optimizer and loss included.</summary>
    public required DqnOptions Agent { get; init; }

    /// <summary>What the network is made of.</summary>
    public NetworkShape Network { get; init; } = new();

    /// <summary>
    /// In training, an episode ends after so many agent steps in a row that gave nothing, the shaping's prices counted; null:
    /// never. Evaluation always plays whole episodes.
    /// </summary>
    public int? RewardTimeout { get; init; }

    /// <summary>Whether such an end counts as the end of all rewards, rather than as an interruption.</summary>
    public bool RewardTimeoutTerminates { get; init; }

    /// <summary>
    /// How many frames of each episode pass without the agent, in evaluation too: the notebook's 50, in which the camera
    /// zooms, or 0.
    /// </summary>
    public int NoOpFrames { get; init; } = 50;

    /// <summary>Whether the road still to come is made to look another than the road behind, in evaluation too.</summary>
    public bool TileContrast { get; init; }

    /// <summary>
    /// In training, what each tile that the car drives past costs beyond its reward. Evaluation counts official returns.
    /// </summary>
    public double MissedTilePenalty { get; init; }

    /// <summary>What it costs instead where the car drove past the tile before it too.</summary>
    public double FollowingTilePenalty { get; init; }

    /// <summary>In training, what each step costs at whose end the car stands.</summary>
    public double StandingPenalty { get; init; }

    /// <summary>In training, what finishing the lap gives beyond its rewards.</summary>
    public double LapBonus { get; init; }

    /// <summary>In training, what a car loses that faces away from the road to come, until it has turned back.</summary>
    public double WayBackTurn { get; init; }

    /// <summary>In training, what a car loses that is far away from the road to come, until it has come nearer.</summary>
    public double WayBackDistance { get; init; }

    /// <summary>Whether an episode ends in training where the car drives past the end of the lap with tiles missed.</summary>
    public bool EndsBehindLap { get; init; }

    /// <summary>How often an episode starts with the car lost somewhere along the track, in training.</summary>
    public double LostStarts { get; init; }

    /// <summary>
    /// How often an episode starts shortly before a tile was missed or the car got lost, in training.
    /// </summary>
    public double SetbackStarts { get; init; }

    /// <summary>Evaluate every so many agent steps.</summary>
    public long EvaluationInterval { get; init; } = 10_000;

    /// <summary>Episodes per evaluation.</summary>
    public int EvaluationEpisodes { get; init; } = 5;

    /// <summary>Save everything every so many agent steps.</summary>
    public long CheckpointInterval { get; init; } = 10_000;

    /// <summary>Whether training takes a <c>LapShaping</c>.</summary>
    public bool ShapesLap =>
        MissedTilePenalty > 0 || FollowingTilePenalty > 0 || StandingPenalty > 0 || LapBonus > 0 || EndsBehindLap;

    /// <summary>Whether training takes a <c>WayBackShaping</c>.</summary>
    public bool ShapesWayBack => WayBackTurn > 0 || WayBackDistance > 0;
}

/// <summary>The presets of <c>train --preset</c>.</summary>
internal static class Presets
{
    /// <summary>The notebook's agent: the library's defaults.</summary>
    public static Preset Nature { get; } = new()
    {
        Name = "nature",
        Description = "the notebook's options, those of Mnih et al. (2015): hours to learn",
        Steps = 1_000_000,
        Agent = new DqnOptions(),
    };

    /// <summary>A driver that solves the task within half an hour on two cores.</summary>
    public static Preset Fast { get; } = new()
    {
        Name = "fast",
        Description = "a driver above 900 within half an hour on two cores",
        Steps = 1_000_000,
        Network = new NetworkShape { Kind = NetworkKind.Compact, Scale = 2 },
        NoOpFrames = 0,
        TileContrast = true,
        MissedTilePenalty = 10,
        FollowingTilePenalty = 10,
        StandingPenalty = 3,
        LapBonus = 150,
        WayBackTurn = 40,
        WayBackDistance = 60,

        // Long enough to find back to the road, or to learn that the road behind gives nothing.
        RewardTimeout = 100,
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
            Network = new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 3e-4, Epsilon = 1e-4 }, MaxGradientNorm = 10 },
        },
    };

    /// <summary>What M. Hessel et al., "Rainbow" (2018) put together, on the fast preset's data and network.</summary>
    public static Preset Rainbow { get; } = Fast with
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

    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<Preset> All { get; } = [Fast, Rainbow, Nature];

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Preset Named(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new ArgumentException(
            $"--preset: expected {string.Join(" or ", All.Select(preset => preset.Name))}, got '{name}'.");
}
