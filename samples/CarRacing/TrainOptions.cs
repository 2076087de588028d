using System.CommandLine;
using System.CommandLine.Parsing;
using Dqn.Agents;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>The training's options on the command line: a preset, and what to change of it.</summary>
internal sealed class TrainOptions
{
    private readonly Option<string> _preset = With(
        "--preset", $"Which set of options: {string.Join("; ", Presets.All.Select(preset => $"{preset.Name}, {preset.Description}"))}.", Presets.All[0].Name);
    private readonly Option<string?> _name = new("--name") { Description = "The run's folder under --runs. Default: the next free carracing-NNN; with --resume the latest." };
    private readonly Option<string> _runs = With("--runs", "Where run folders are.", "runs");
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the run's checkpoint, with the same options." };
    private readonly Option<ulong> _seed = With("--seed", "Seed of the weights, the exploration, the sampling and the tracks.", 1UL);
    private readonly Option<double?> _minutes = new("--minutes") { Description = "Stop after so many minutes of training, evaluations aside, if the steps are not done before." };
    private readonly Option<int> _episodeFrames = With("--episode-frames", "An episode is cut off after so many frames.", 1000);
    private readonly Option<bool> _tensorBoard = new("--tensorboard") { Description = "Write TensorBoard event files into the run's folder." };
    private readonly Option<FileInfo?> _log = new("--log") { Description = "Append a line to this file: the options and what they reached." };

    private readonly Option<string> _engine = With("--engine", "What the network computes with; torch is LibTorch, where the sample was built with it.", Engine.BuiltIn);
    private readonly Option<string?> _device = new("--device") { Description = "Where LibTorch computes. Default: cuda if it is there." };

    // What a preset says unless it is given.
    private readonly Option<long?> _steps = Change<long>("--steps", "Agent steps in all (four frames each), of all environments together.");
    private readonly Option<long?> _evaluationInterval = Change<long>("--eval-interval", "Evaluate every so many agent steps.");
    private readonly Option<int?> _evaluationEpisodes = Change<int>("--eval-episodes", "Episodes per evaluation.");
    private readonly Option<long?> _checkpointInterval = Change<long>("--checkpoint-interval", "Save everything every so many agent steps.");
    private readonly Option<int?> _rewardTimeout = Change<int>("--reward-timeout", "In training, cut an episode off after so many agent steps that gave nothing; 0: never.");
    private readonly Option<bool?> _timeoutTerminates = Change<bool>("--reward-timeout-terminates", "Such an end counts as the end of all rewards, rather than as an interruption.");
    private readonly Option<int?> _noOpFrames = Change<int>("--no-op-frames", "Frames at an episode's start that pass without the agent.");
    private readonly Option<bool?> _tileContrast = Change<bool>("--tile-contrast", "The road still to come is made to look another than the road behind.");
    private readonly Option<double?> _missedTilePenalty = Change<double>("--missed-tile-penalty", "In training, what each tile that the car drives past costs.");
    private readonly Option<double?> _followingTilePenalty = Change<double>("--following-tile-penalty", "What it costs instead where the car drove past the tile before it too.");
    private readonly Option<double?> _standingPenalty = Change<double>("--standing-penalty", "In training, what each step costs at whose end the car stands.");
    private readonly Option<double?> _lapBonus = Change<double>("--lap-bonus", "In training, what finishing the lap gives.");
    private readonly Option<double?> _wayBackTurn = Change<double>("--way-back-turn", "In training, what a car loses that faces away from the road to come, until it has turned back.");
    private readonly Option<double?> _wayBackDistance = Change<double>("--way-back-distance", "In training, what a car loses that is far away from the road to come, until it has come nearer.");
    private readonly Option<bool?> _endsBehindLap = Change<bool>("--ends-behind-lap", "In training, an episode ends where the car drives past the end of the lap with tiles missed.");
    private readonly Option<double?> _setbackStarts = Change<double>("--setback-starts", "In training, how often an episode starts shortly before a tile was missed or the car got lost in an earlier one, 0 to 1.");
    private readonly Option<double?> _lostStarts = Change<double>("--lost-starts", "In training, how often an episode starts with the car lost somewhere along the track, 0 to 1.");
    private readonly Option<int?> _environments = Change<int>("--environments", "Environments that act for the learner.");
    private readonly Option<NetworkKind?> _network = Change<NetworkKind>("--network", "The network's size.");
    private readonly Option<int?> _networkScale = Change<int>("--network-scale", "How many times its filters the compact network has.");
    private readonly Option<bool?> _dueling = Change<bool>("--dueling", "Dueling network: the state's value apart from the actions' advantages.");
    private readonly Option<bool?> _layerNorm = Change<bool>("--layer-norm", "Layer normalisation before each rectifier.");
    private readonly Option<bool?> _noisy = Change<bool>("--noisy", "Noisy layers: exploration is learnt; best with --epsilon-start 0.");
    private readonly Option<DistributionKind?> _distribution = Change<DistributionKind>("--distribution", "What is learnt of a return beyond its mean.");
    private readonly Option<int?> _atoms = Change<int>("--atoms", "Atoms or quantiles of such a distribution.");
    private readonly Option<float?> _valueMin = Change<float>("--value-min", "The categorical distribution's least return, scaled as rewards are.");
    private readonly Option<float?> _valueMax = Change<float>("--value-max", "The categorical distribution's greatest return.");
    private readonly Option<OptimizerKind?> _optimizer = Change<OptimizerKind>("--optimizer", "The optimizer.");
    private readonly Option<double?> _learningRate = Change<double>("--learning-rate", "The learning rate, at first.");
    private readonly Option<double?> _learningRateEnd = Change<double>("--learning-rate-end", "The learning rate at last, in a straight line; 0: the same all the time.");
    private readonly Option<long?> _learningRateSteps = Change<long>("--learning-rate-steps", "Agent steps over which the learning rate changes.");
    private readonly Option<Loss?> _loss = Change<Loss>("--loss", "The loss.");
    private readonly Option<double?> _gradientNorm = Change<double>("--max-gradient-norm", "Longer gradients are shortened to this; 0: never.");
    private readonly Option<int?> _batch = Change<int>("--batch", "Transitions per update.");
    private readonly Option<long?> _warmup = Change<long>("--warmup", "Random steps before learning begins.");
    private readonly Option<long?> _buffer = Change<long>("--buffer", "Transitions that the replay buffer keeps.");
    private readonly Option<long?> _updatePeriod = Change<long>("--update-period", "Agent steps between updates of the network.");
    private readonly Option<int?> _updates = Change<int>("--updates", "Updates at a time.");
    private readonly Option<long?> _targetUpdate = Change<long>("--target-update", "Agent steps between updates of the target network.");
    private readonly Option<double?> _targetRate = Change<double>("--target-rate", "How far the target network then moves towards the network, above 0 … 1.");
    private readonly Option<double?> _discount = Change<double>("--discount", "What a reward one step later counts.");
    private readonly Option<int?> _nStep = Change<int>("--n-step", "Steps whose rewards a target sums up.");
    private readonly Option<double?> _rewardScale = Change<double>("--reward-scale", "What rewards are multiplied with for learning.");
    private readonly Option<double?> _epsilonStart = Change<double>("--epsilon-start", "The exploration rate at first.");
    private readonly Option<double?> _epsilonEnd = Change<double>("--epsilon-end", "The exploration rate after its decay; with any of these three, a preset's second decay falls away.");
    private readonly Option<long?> _epsilonSteps = Change<long>("--epsilon-steps", "Agent steps over which exploration decays.");
    private readonly Option<double?> _epsilonLadder = Change<double>("--epsilon-ladder", "How much more the first environment explores than the last (Ape-X: 7); 0: all alike.");
    private readonly Option<double?> _explorationExponent = Change<double>("--exploration-exponent", "Random actions are kept up for n steps with a likelihood of n to the power of minus this; 0: for one.");
    private readonly Option<int?> _explorationLongest = Change<int>("--exploration-longest", "The most steps that a random action is kept up.");
    private readonly Option<bool?> _doubleDqn = Change<bool>("--double", "Double DQN: the online network selects the next action.");
    private readonly Option<double?> _advantageLearning = Change<double>("--advantage-learning", "How much of what its value lacks to the best action's a target loses (0.9); 0: nothing.");
    private readonly Option<bool?> _munchausen = Change<bool>("--munchausen", "Munchausen DQN: rewards for likely actions, soft values.");
    private readonly Option<double?> _munchausenTemperature = Change<double>("--munchausen-temperature", "The temperature of Munchausen's policy.");
    private readonly Option<bool?> _prioritized = Change<bool>("--prioritized", "Prioritized replay.");
    private readonly Option<long?> _importanceSteps = Change<long>("--importance-steps", "Agent steps over which its importance exponent grows to 1.");
    private readonly Option<int?> _randomShift = Change<int>("--random-shift", "Sampled observations are shifted by at most so many pixels.");
    private readonly Option<bool?> _mirror = Change<bool>("--mirror", "Half of the sampled transitions are mirrored.");
    private readonly Option<double?> _risk = Change<double>("--evaluation-risk", "With quantiles, evaluate and keep a network that values actions by this part of them, the lowest; 1: by their mean.");
    private readonly Option<double?> _average = Change<double>("--average", "Evaluate and keep an average of the weights that keeps this much at each update; 0: none.");
    private readonly Option<int?> _threads = Change<int>("--threads", "Threads that learn; 0: one per processor. The result is the same.");

    public TrainOptions()
    {
        _engine.AcceptOnlyFromAmong(Engine.BuiltIn, Engine.Torch);
        _device.AcceptOnlyFromAmong(Engine.Cpu, Engine.Cuda);
    }

    /// <summary>Distributions by name.</summary>
    private enum DistributionKind
    {
        None,
        Categorical,
        Quantile,
    }

    /// <summary>The optimizers by name.</summary>
    private enum OptimizerKind
    {
        RmsProp,
        Adam,
    }

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All => [_preset, _name, _runs, _resume, _seed, _minutes, _episodeFrames, _tensorBoard, _log, _engine, _device, .. Changes];

    private IEnumerable<Option> Changes =>
    [
        _steps, _evaluationInterval, _evaluationEpisodes, _checkpointInterval, _rewardTimeout, _timeoutTerminates, _noOpFrames, _tileContrast, _missedTilePenalty, _followingTilePenalty, _standingPenalty, _lapBonus, _wayBackTurn, _wayBackDistance, _endsBehindLap, _lostStarts, _setbackStarts, _environments, _network, _networkScale, _dueling, _layerNorm,
        _noisy, _distribution, _atoms, _valueMin, _valueMax, _optimizer,
        _learningRate, _learningRateEnd, _learningRateSteps, _loss, _gradientNorm, _batch, _warmup, _buffer, _updatePeriod, _updates, _targetUpdate,
        _targetRate, _discount, _nStep, _rewardScale, _epsilonStart, _epsilonEnd, _epsilonSteps, _epsilonLadder, _explorationExponent, _explorationLongest, _doubleDqn, _advantageLearning, _munchausen,
        _munchausenTemperature, _prioritized, _importanceSteps, _randomShift, _mirror, _average, _risk, _threads,
    ];

    /// <summary>What was given, the rest as the preset says.</summary>
    public TrainSettings Read(ParseResult result) => new(
        Apply(result, Presets.Named(result.GetValue(_preset)!)), Describe(result), result.GetValue(_name), result.GetValue(_runs)!,
        result.GetValue(_resume), result.GetValue(_seed), result.GetValue(_minutes), result.GetValue(_episodeFrames),
        result.GetValue(_tensorBoard), result.GetValue(_log), new Engine(result.GetValue(_engine)!, result.GetValue(_device)));

    private Preset Apply(ParseResult result, Preset preset)
    {
        DqnOptions agent = preset.Agent;
        QNetworkOptions network = ApplyToNetwork(result, agent.Network);
        ActionValueOptions architecture = Apply(result, agent.Architecture);
        return preset with
        {
            Steps = result.GetValue(_steps) ?? preset.Steps,
            EvaluationInterval = result.GetValue(_evaluationInterval) ?? preset.EvaluationInterval,
            EvaluationEpisodes = result.GetValue(_evaluationEpisodes) ?? preset.EvaluationEpisodes,
            CheckpointInterval = result.GetValue(_checkpointInterval) ?? preset.CheckpointInterval,
            RewardTimeout = result.GetValue(_rewardTimeout) is { } timeout ? (timeout == 0 ? null : timeout) : preset.RewardTimeout,
            RewardTimeoutTerminates = result.GetValue(_timeoutTerminates) ?? preset.RewardTimeoutTerminates,
            NoOpFrames = result.GetValue(_noOpFrames) ?? preset.NoOpFrames,
            TileContrast = result.GetValue(_tileContrast) ?? preset.TileContrast,
            MissedTilePenalty = result.GetValue(_missedTilePenalty) ?? preset.MissedTilePenalty,
            FollowingTilePenalty = result.GetValue(_followingTilePenalty) ?? preset.FollowingTilePenalty,
            StandingPenalty = result.GetValue(_standingPenalty) ?? preset.StandingPenalty,
            LapBonus = result.GetValue(_lapBonus) ?? preset.LapBonus,
            WayBackTurn = result.GetValue(_wayBackTurn) ?? preset.WayBackTurn,
            WayBackDistance = result.GetValue(_wayBackDistance) ?? preset.WayBackDistance,
            LostStarts = result.GetValue(_lostStarts) ?? preset.LostStarts,
            SetbackStarts = result.GetValue(_setbackStarts) ?? preset.SetbackStarts,
            EndsBehindLap = result.GetValue(_endsBehindLap) ?? preset.EndsBehindLap,
            Network = new NetworkShape
            {
                Kind = result.GetValue(_network) ?? preset.Network.Kind,
                Scale = result.GetValue(_networkScale) ?? preset.Network.Scale,
            },
            Agent = agent with
            {
                Environments = result.GetValue(_environments) ?? agent.Environments,
                BatchSize = result.GetValue(_batch) ?? agent.BatchSize,
                WarmupSteps = result.GetValue(_warmup) ?? agent.WarmupSteps,
                BufferCapacity = result.GetValue(_buffer) ?? agent.BufferCapacity,
                UpdatePeriod = result.GetValue(_updatePeriod) ?? agent.UpdatePeriod,
                UpdatesPerPeriod = result.GetValue(_updates) ?? agent.UpdatesPerPeriod,
                TargetUpdatePeriod = result.GetValue(_targetUpdate) ?? agent.TargetUpdatePeriod,
                TargetUpdateRate = result.GetValue(_targetRate) ?? agent.TargetUpdateRate,
                Discount = result.GetValue(_discount) ?? agent.Discount,
                NStep = result.GetValue(_nStep) ?? agent.NStep,
                RewardScale = result.GetValue(_rewardScale) ?? agent.RewardScale,
                Epsilon = Apply(result, agent.Epsilon),
                ExplorationDuration = Apply(result, agent.ExplorationDuration),
                DoubleDqn = result.GetValue(_doubleDqn) ?? agent.DoubleDqn,
                AdvantageLearning = result.GetValue(_advantageLearning) ?? agent.AdvantageLearning,
                Munchausen = ApplyMunchausen(result, agent.Munchausen),
                Prioritized = !(result.GetValue(_prioritized) ?? agent.Prioritized is not null) ? null : agent.Prioritized ?? new(),
                ImportanceSteps = result.GetValue(_importanceSteps) ?? agent.ImportanceSteps,
                RandomShift = result.GetValue(_randomShift) ?? agent.RandomShift,
                MirrorActions = result.GetValue(_mirror) switch { true => Preset.MirrorActions, false => [], null => agent.MirrorActions },
                EvaluationAverage = result.GetValue(_average) ?? agent.EvaluationAverage,
                EvaluationRisk = result.GetValue(_risk) ?? (architecture.Distribution is QuantileDistribution ? agent.EvaluationRisk : 1),
                LearningRate = Apply(result, agent.LearningRate, network.Optimizer.LearningRate, preset.Steps),
                Network = network,
                Architecture = architecture,
            },
        };
    }

    private ActionValueOptions Apply(ParseResult result, ActionValueOptions architecture) => new()
    {
        Dueling = result.GetValue(_dueling) ?? architecture.Dueling,
        LayerNorm = result.GetValue(_layerNorm) ?? architecture.LayerNorm,
        Noisy = result.GetValue(_noisy) ?? architecture.Noisy,
        Distribution = Apply(result, architecture.Distribution),
    };

    // The categorical distribution's range, where the preset has none, suits --reward-scale 0.1.
    private ValueDistribution? Apply(ParseResult result, ValueDistribution? distribution)
    {
        var categorical = distribution as CategoricalDistribution ?? new CategoricalDistribution(-10, 50);
        return (result.GetValue(_distribution), distribution) switch
        {
            (DistributionKind.None, _) or (null, null) => null,
            (DistributionKind.Categorical, _) or (null, CategoricalDistribution) => new CategoricalDistribution(
                result.GetValue(_valueMin) ?? categorical.Min, result.GetValue(_valueMax) ?? categorical.Max,
                result.GetValue(_atoms) ?? categorical.Atoms),
            _ => new QuantileDistribution(result.GetValue(_atoms) ?? (distribution as QuantileDistribution)?.Atoms ?? 51),
        };
    }

    // What follows a preset's first decay belongs to it, and goes with it.
    private EpsilonSchedule Apply(ParseResult result, EpsilonSchedule epsilon)
    {
        (double? start, double? end, long? steps) = (result.GetValue(_epsilonStart), result.GetValue(_epsilonEnd), result.GetValue(_epsilonSteps));
        return new EpsilonSchedule(start ?? epsilon.Start, end ?? epsilon.End, steps ?? epsilon.DecaySteps)
        {
            Ladder = result.GetValue(_epsilonLadder) ?? epsilon.Ladder,
            Then = start is null && end is null && steps is null ? epsilon.Then : null,
        };
    }

    private ExplorationDuration? Apply(ParseResult result, ExplorationDuration? duration)
    {
        double exponent = result.GetValue(_explorationExponent) ?? duration?.Exponent ?? 0;
        duration ??= new ExplorationDuration();
        return exponent == 0 ? null : new ExplorationDuration(exponent, result.GetValue(_explorationLongest) ?? duration.Longest);
    }

    // Where the preset has no schedule, an end makes one over the preset's steps.
    private LearningRateSchedule? Apply(ParseResult result, LearningRateSchedule? schedule, double start, long steps)
    {
        double end = result.GetValue(_learningRateEnd) ?? schedule?.End ?? 0;
        return end == 0 ? null : new LearningRateSchedule(start, end, result.GetValue(_learningRateSteps) ?? schedule?.Steps ?? steps);
    }

    private MunchausenOptions? ApplyMunchausen(ParseResult result, MunchausenOptions? munchausen) =>
        !(result.GetValue(_munchausen) ?? munchausen is not null) ? null
        : result.GetValue(_munchausenTemperature) is { } temperature ? (munchausen ?? new()) with { Temperature = temperature }
        : munchausen ?? new();

    private QNetworkOptions ApplyToNetwork(ParseResult result, QNetworkOptions network)
    {
        OptimizerOptions optimizer = result.GetValue(_optimizer) switch
        {
            OptimizerKind.Adam => network.Optimizer as AdamOptions ?? new AdamOptions { LearningRate = network.Optimizer.LearningRate },
            OptimizerKind.RmsProp => network.Optimizer as RmsPropOptions ?? new RmsPropOptions { LearningRate = network.Optimizer.LearningRate },
            _ => network.Optimizer,
        };
        return network with
        {
            Optimizer = result.GetValue(_learningRate) is { } rate ? optimizer with { LearningRate = rate } : optimizer,
            Loss = result.GetValue(_loss) ?? network.Loss,
            MaxGradientNorm = result.GetValue(_gradientNorm) is { } norm ? NullIfZero(norm) ?? double.PositiveInfinity : network.MaxGradientNorm,
            Threads = result.GetValue(_threads) ?? network.Threads,
        };
    }

    // As it was typed, in the order of the help: "fast --batch 64 --seed 2".
    private string Describe(ParseResult result)
    {
        var given = Changes.Prepend(_device).Prepend(_engine).Prepend(_minutes).Prepend(_seed).Select(result.GetResult).OfType<OptionResult>().Where(option => !option.Implicit)
            .Select(option => string.Join(' ', option.Tokens.Select(token => token.Value).Prepend(option.Option.Name)));
        return string.Join(' ', given.Prepend(result.GetValue(_preset)!));
    }

    private static double? NullIfZero(double? value) => value == 0 ? null : value;

    private static Option<T?> Change<T>(string name, string description)
        where T : struct => new(name) { Description = description };

    private static Option<T> With<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
