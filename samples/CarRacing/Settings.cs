using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.CarRacing;

namespace Dqn.Samples.CarRacing;

/// <summary>An option of <c>train</c> that changes a preset: where in the preset's JSON, and how its text becomes a value there.</summary>
/// <param name="Option">What is typed.</param>
/// <param name="Path">The property: <c>agent.batchSize</c>.</param>
/// <param name="Help">What it means.</param>
/// <param name="Value">Makes the JSON of the text; null for numbers and words as they are.</param>
internal sealed record Setting(string Option, string Path, string Help, Func<string, JsonNode?>? Value = null)
{
    /// <summary>Puts the value into the JSON of what is changed.</summary>
    public void Set(JsonObject changes, string text)
    {
        string[] names = Path.Split('.');
        foreach (string name in names[..^1])
            changes = (JsonObject)(changes[name] ??= new JsonObject());
        changes[names[^1]] = Value is null ? Literal(text) : Value(text);
    }

    private static JsonNode Literal(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out long whole) ? whole
        : double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number
        : bool.TryParse(text, out bool flag) ? flag
        : char.ToUpperInvariant(text[0]) + text[1..];
}

/// <summary>All of them, in groups for the help. An option that a preset has and this table lacks can be set by <c>--set</c>.</summary>
internal static class Settings
{
    public static IReadOnlyList<(string Group, Setting[] Settings)> Groups { get; } =
    [
        ("the run",
        [
            new("--steps", "steps", "Agent steps in all (four frames each), of all environments together."),
            new("--eval-interval", "evaluationInterval", "Evaluate every so many agent steps."),
            new("--eval-episodes", "evaluationEpisodes", "Episodes per evaluation."),
            new("--checkpoint-interval", "checkpointInterval", "Save everything every so many agent steps."),
            new("--threads", "agent.network.threads", "Threads that learn; 0: one per processor. The result is the same."),
        ]),
        ("the task",
        [
            new("--actions", "task.actions", "What the actions do: five (Gymnasium's), nine (steering with gas or brake), or a table [[steer,gas,brake],...].", Actions),
            new("--lap-ends-on-percentage", "task.lapEndsOnPercentage", "The lap ends at the start with 95 % of the tiles visited, tiles missed or not."),
            new("--episode-frames", "pixels.frames", "An episode is cut off after so many frames."),
            new("--no-op-frames", "pixels.noOpFrames", "Frames at an episode's start that pass without the agent."),
            new("--tile-contrast", "pixels.tileContrast", "Unvisited road is made to stand out from visited road."),
        ]),
        ("training beyond the task",
        [
            new("--reward-timeout", "training.rewardTimeout", "An episode ends after so many agent steps that gave nothing; 0: never.", NullIfZero),
            new("--reward-timeout-terminates", "training.rewardTimeoutTerminates", "Such an end counts as the end of all rewards, rather than as an interruption."),
            new("--missed-tile-penalty", "training.missedTilePenalty", "What each tile that the car drives past costs."),
            new("--following-tile-penalty", "training.followingTilePenalty", "What it costs instead where the car drove past the tile before it too."),
            new("--standing-penalty", "training.standingPenalty", "What each step costs at whose end the car stands."),
            new("--lap-bonus", "training.lapBonus", "What finishing the lap gives."),
            new("--way-back-turn", "training.wayBackTurn", "What a car loses that faces away from the road to come, until it has turned back."),
            new("--way-back-distance", "training.wayBackDistance", "What a car loses that is far away from the road to come, until it has come nearer."),
            new("--ends-behind-lap", "training.endsBehindLap", "An episode ends where the car drives past the end of the lap with tiles missed."),
            new("--lost-starts", "training.lostStarts", "How often an episode starts with the car lost somewhere along the track, 0 to 1."),
            new("--sticky-actions", "training.stickyActions", "How often a step repeats the one before in place of the action asked for, 0 to 1."),
            new("--setback-starts", "training.setbackStarts", "How often an episode starts shortly before an earlier one went wrong, 0 to 1."),
        ]),
        ("the network",
        [
            new("--network", "network.kind", "Its size: nature, small or compact."),
            new("--network-scale", "network.scale", "How many times its filters the compact network has."),
            new("--dueling", "agent.architecture.dueling", "The state's value apart from the actions' advantages."),
            new("--layer-norm", "agent.architecture.layerNorm", "Layer normalisation before each rectifier."),
            new("--noisy", "agent.architecture.noisy", "Noisy layers: exploration is learnt; best with --epsilon-start 0."),
            new("--distribution", "agent.architecture.distribution", "What is learnt of a return beyond its mean: none, categorical or quantile.", Distribution),
            new("--atoms", "agent.architecture.distribution.atoms", "Atoms or quantiles of such a distribution."),
            new("--value-min", "agent.architecture.distribution.min", "The categorical distribution's least return, scaled as rewards are."),
            new("--value-max", "agent.architecture.distribution.max", "The categorical distribution's greatest return."),
        ]),
        ("learning",
        [
            new("--optimizer", "agent.network.optimizer", "The optimizer: adam or rmsprop.", Optimizer),
            new("--learning-rate", "agent.network.optimizer.learningRate", "The learning rate, at first."),
            new("--learning-rate-end", "agent.learningRate.end", "The learning rate at last, in a straight line."),
            new("--learning-rate-steps", "agent.learningRate.steps", "Agent steps over which the learning rate changes."),
            new("--loss", "agent.network.loss", "The loss: meanSquared or smoothL1."),
            new("--max-gradient-norm", "agent.network.maxGradientNorm", "Longer gradients are shortened to this; 0: never.", text => NullIfZero(text) ?? "Infinity"),
            new("--batch", "agent.batchSize", "Transitions per update."),
            new("--warmup", "agent.warmupSteps", "Random steps before learning begins."),
            new("--buffer", "agent.bufferCapacity", "Transitions that the replay buffer keeps."),
            new("--update-period", "agent.updatePeriod", "Agent steps between updates of the network."),
            new("--updates", "agent.updatesPerPeriod", "Updates at a time."),
            new("--target-update", "agent.targetUpdatePeriod", "Agent steps between updates of the target network."),
            new("--target-rate", "agent.targetUpdateRate", "How far the target network then moves towards the network, above 0 … 1."),
            new("--discount", "agent.discount", "What a reward one step later counts."),
            new("--n-step", "agent.nStep", "Steps whose rewards a target sums up."),
            new("--reward-scale", "agent.rewardScale", "What rewards are multiplied with for learning."),
            new("--double", "agent.doubleDqn", "Double DQN: the online network selects the next action."),
            new("--advantage-learning", "agent.advantageLearning", "The fraction of the gap to the best action that a target loses (0.9); 0: nothing."),
            new("--munchausen", "agent.munchausen", "Munchausen DQN: rewards for likely actions, soft values.", OnOrOff),
            new("--munchausen-temperature", "agent.munchausen.temperature", "The temperature of Munchausen's policy."),
            new("--prioritized", "agent.prioritized", "Prioritized replay.", OnOrOff),
            new("--importance-steps", "agent.importanceSteps", "Agent steps over which its importance exponent grows to 1."),
            new("--random-shift", "agent.randomShift", "Sampled observations are shifted by at most so many pixels."),
            new("--mirror", "agent.mirrorActions", "Half of the sampled transitions are mirrored.", Mirror),
            new("--average", "agent.evaluationAverage", "Evaluate and keep an average of the weights that keeps this much at each update; 0: none."),
            new("--evaluation-risk", "agent.evaluationRisk", "With quantiles, evaluate and keep a network that values actions by this part of them, the lowest; 1: by their mean."),
        ]),
        ("acting",
        [
            new("--environments", "agent.environments", "Environments that act for the learner."),
            new("--epsilon-start", "agent.epsilon.start", "The exploration rate at first."),
            new("--epsilon-end", "agent.epsilon.end", "The exploration rate after its decay; with any of these three, a preset's second decay falls away."),
            new("--epsilon-steps", "agent.epsilon.decaySteps", "Agent steps over which exploration decays."),
            new("--epsilon-ladder", "agent.epsilon.ladder", "How much more the first environment explores than the last (Ape-X: 7); 0: all alike."),
            new("--exploration-exponent", "agent.explorationDuration.exponent", "Random actions are kept up for n steps with a likelihood of n to the power of minus this."),
            new("--exploration-longest", "agent.explorationDuration.longest", "The most steps that a random action is kept up."),
        ]),
    ];

    private static JsonNode? NullIfZero(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out double number)
            ? number == 0 ? null : JsonValue.Create(number == Math.Floor(number) ? (long)number : number)
            : text;

    private static JsonNode? OnOrOff(string text) => bool.Parse(text) ? new JsonObject() : null;

    // Which actions mirror each other follows from the table, which may be typed later.
    private static JsonNode? Mirror(string text) => bool.Parse(text);

    private static JsonNode? Actions(string text) => text.ToLowerInvariant() switch
    {
        "five" => CarActions.Gymnasium.ToJson(),
        "nine" => CarActions.Nine.ToJson(),
        _ when text.TrimStart().StartsWith('[') => Table(text).ToJson(),
        _ => throw new FormatException($"expected five, nine or a table [[steer,gas,brake],...], got '{text}'"),
    };

    private static CarActions Table(string text)
    {
        try
        {
            return CarActions.FromJson(JsonNode.Parse(text));
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw new FormatException($"expected a table [[steer,gas,brake],...], got '{text}'", exception);
        }
    }

    // The categorical distribution's range, unless given, suits --reward-scale 0.1.
    private static JsonNode? Distribution(string text) => text.ToLowerInvariant() switch
    {
        "none" => null,
        "categorical" => new JsonObject { ["kind"] = "Categorical", ["min"] = -10, ["max"] = 50 },
        "quantile" => new JsonObject { ["kind"] = "Quantile" },
        _ => throw new FormatException($"expected none, categorical or quantile, got '{text}'"),
    };

    private static JsonNode? Optimizer(string text) => new JsonObject
    {
        ["kind"] = text.ToLowerInvariant() switch
        {
            "adam" => "Adam",
            "rmsprop" => "RMSProp",
            _ => throw new FormatException($"expected adam or rmsprop, got '{text}'"),
        },
    };
}
