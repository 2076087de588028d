using System.CommandLine;
using Dqn.Agents;
using Dqn.Networks;

namespace Dqn.Samples.CarRacing;

/// <summary>The training's options on the command line; the defaults are the library's, which are the notebook's.</summary>
internal sealed class TrainOptions
{
    private static readonly DqnOptions Default = new();

    private readonly Option<string?> _name = new("--name") { Description = "The run's folder under --runs. Default: the next free carracing-NNN; with --resume the latest." };
    private readonly Option<string> _runs = With("--runs", "Where run folders are.", "runs");
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the run's checkpoint, with the same options." };
    private readonly Option<long> _steps = With("--steps", "Agent steps in all (four frames each).", 1_000_000L);
    private readonly Option<ulong> _seed = With("--seed", "Seed of the weights, the exploration, the sampling and the tracks.", 1UL);
    private readonly Option<long> _evaluationInterval = With("--eval-interval", "Evaluate every so many agent steps.", 10_000L);
    private readonly Option<int> _evaluationEpisodes = With("--eval-episodes", "Episodes per evaluation.", 5);
    private readonly Option<long> _checkpointInterval = With("--checkpoint-interval", "Save everything every so many agent steps.", 10_000L);
    private readonly Option<int> _episodeFrames = With("--episode-frames", "An episode is cut off after so many frames.", 1000);
    private readonly Option<bool> _tensorBoard = new("--tensorboard") { Description = "Write TensorBoard event files into the run's folder." };
    private readonly Option<double> _learningRate = With("--learning-rate", "RMSProp's learning rate.", 0.00025);
    private readonly Option<int> _batch = With("--batch", "Transitions per update.", Default.BatchSize);
    private readonly Option<long> _warmup = With("--warmup", "Random steps before learning begins.", Default.WarmupSteps);
    private readonly Option<long> _buffer = With("--buffer", "Transitions that the replay buffer keeps.", Default.BufferCapacity);
    private readonly Option<long> _targetUpdate = With("--target-update", "Agent steps between updates of the target network.", Default.TargetUpdatePeriod);
    private readonly Option<long> _updatePeriod = With("--update-period", "Agent steps between updates of the network.", Default.UpdatePeriod);
    private readonly Option<double> _discount = With("--discount", "What a reward one step later counts.", Default.Discount);
    private readonly Option<double> _epsilonEnd = With("--epsilon-end", "The exploration rate after its decay from 1.", Default.Epsilon.End);
    private readonly Option<long> _epsilonSteps = With("--epsilon-steps", "Agent steps over which exploration decays.", Default.Epsilon.DecaySteps);
    private readonly Option<bool> _doubleDqn = new("--double") { Description = "Double DQN: the online network selects the next action." };
    private readonly Option<int> _threads = With("--threads", "Threads that learn; 0: one per processor. The result is the same.", 0);

    /// <summary>All of them, in the order of the help.</summary>
    public IEnumerable<Option> All =>
    [
        _name, _runs, _resume, _steps, _seed, _evaluationInterval, _evaluationEpisodes, _checkpointInterval, _episodeFrames, _tensorBoard,
        _learningRate, _batch, _warmup, _buffer, _targetUpdate, _updatePeriod, _discount, _epsilonEnd, _epsilonSteps, _doubleDqn, _threads,
    ];

    /// <summary>What was given, or the defaults.</summary>
    public TrainSettings Read(ParseResult result) => new(
        result.GetValue(_name), result.GetValue(_runs)!, result.GetValue(_resume), result.GetValue(_steps), result.GetValue(_seed),
        result.GetValue(_evaluationInterval), result.GetValue(_evaluationEpisodes), result.GetValue(_checkpointInterval),
        result.GetValue(_episodeFrames), result.GetValue(_tensorBoard),
        new DqnOptions
        {
            BatchSize = result.GetValue(_batch),
            WarmupSteps = result.GetValue(_warmup),
            BufferCapacity = result.GetValue(_buffer),
            TargetUpdatePeriod = result.GetValue(_targetUpdate),
            UpdatePeriod = result.GetValue(_updatePeriod),
            Discount = result.GetValue(_discount),
            Epsilon = new EpsilonSchedule(1, result.GetValue(_epsilonEnd), result.GetValue(_epsilonSteps)),
            DoubleDqn = result.GetValue(_doubleDqn),
            Network = new QNetworkOptions
            {
                Optimizer = new RmsPropOptions { LearningRate = result.GetValue(_learningRate) },
                Threads = result.GetValue(_threads),
            },
        });

    private static Option<T> With<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
