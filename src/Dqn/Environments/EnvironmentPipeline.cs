using System.Text.Json.Nodes;
using Dqn.Files;
using Dqn.Identity;

namespace Dqn.Environments;

/// <summary>
/// Wrappers from their description: a model file holds what <see cref="IEnvironment.Describe"/> said of the environment that
/// its network was evaluated on, and so the same pipeline can be put around the bare task again.
/// </summary>
public static class EnvironmentPipeline
{
    private static readonly Dictionary<string, Func<IEnvironment, JsonObject, IEnvironment>> s_known = new()
    {
        [nameof(ChannelsFirst)] = (inner, _) => new ChannelsFirst(inner),
        [nameof(Downscale)] = (inner, numbers) => new Downscale(inner, Int(numbers, "factor")),
        [nameof(EpisodeStatistics)] = (inner, _) => new EpisodeStatistics(inner),
        [nameof(FrameSkip)] = (inner, numbers) => new FrameSkip(inner, Int(numbers, "frames")),
        [nameof(FrameStack)] = (inner, numbers) => new FrameStack(inner, Int(numbers, "frames")),
        [nameof(GreyCrop)] = (inner, numbers) => new GreyCrop(
            inner, Int(numbers, "top"), Int(numbers, "left"), Int(numbers, "height"), Int(numbers, "width")),
        [nameof(NoOpStart)] = (inner, numbers) => new NoOpStart(inner, Int(numbers, "steps"), Int(numbers, "action")),
        [nameof(Normalize)] = (inner, numbers) => new Normalize(
            inner, new Normalization([.. Floats(numbers, "means")], [.. Floats(numbers, "deviations")])),
        [nameof(Resize)] = (inner, numbers) => new Resize(inner, Int(numbers, "height"), Int(numbers, "width")),
        [nameof(RewardTimeout)] = (inner, numbers) => new RewardTimeout(
            inner, Int(numbers, "steps"), Value<bool>(numbers, "terminates")),
        [nameof(SetbackStart)] = (inner, numbers) => new SetbackStart(
            inner, Value<double>(numbers, "part"), Value<double>(numbers, "reward")),
        [nameof(StickyActions)] = (inner, numbers) => new StickyActions(inner, Value<double>(numbers, "probability")),
        [nameof(TimeLimit)] = (inner, numbers) => new TimeLimit(inner, Int(numbers, "frames")),
        [nameof(ToneCurve)] = (inner, numbers) => new ToneCurve(inner, [.. Array(numbers, "points").Select(
            point => ((int)point!.AsArray()[0]!, (int)point[1]!))]),
    };

    /// <summary>Puts described wrappers around a task.</summary>
    /// <param name="description">What <see cref="IEnvironment.Describe"/> gave.</param>
    /// <param name="task">The bare task; its spec is the one described. The result owns it.</param>
    /// <param name="own">
    /// How wrappers of one's own are made again, by their kind (the type's name): from what they wrap and their numbers.
    /// </param>
    /// <exception cref="InvalidDataException">
    /// A wrapper of an unknown kind, a number that is missing or out of its range, or a task with another spec: the message
    /// says which.
    /// </exception>
    public static IEnvironment Rebuild(
        JsonObject description, IEnvironment task,
        IReadOnlyDictionary<string, Func<IEnvironment, JsonObject, IEnvironment>>? own = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(task);
        Stack<JsonObject> wrappers = new();
        JsonObject bare = description;
        for (; bare[EnvironmentDescription.Inner] is JsonObject inner; bare = inner)
        {
            if (wrappers.Count == MostWrappers)
                throw new InvalidDataException($"Environment description: expected at most {MostWrappers} wrappers.");
            wrappers.Push(bare);
        }

        if (bare["spec"] is { } spec && Differences.Name(spec, task.Spec.Describe()) is { Length: > 0 } differences)
            throw new InvalidDataException($"Environment description: expected a task of another spec; {differences}.");
        IEnvironment environment = task;
        foreach (JsonObject wrapper in wrappers)
            environment = Wrap(wrapper, environment, own);
        return environment;
    }

    private const int MostWrappers = 64;

    private static IEnvironment Wrap(
        JsonObject wrapper, IEnvironment inner, IReadOnlyDictionary<string, Func<IEnvironment, JsonObject, IEnvironment>>? own)
    {
        string kind = wrapper["kind"]?.ToString() ?? "";
        if ((own?.GetValueOrDefault(kind) ?? s_known.GetValueOrDefault(kind)) is not { } make)
        {
            throw new InvalidDataException(
                $"Environment description: there is no known wrapper {FileText.Quote(kind)}. Say how it is made: {nameof(Rebuild)}" +
                "(description, task, new Dictionary<…> { [KIND] = (inner, numbers) => new …(inner, …) }).");
        }

        try
        {
            return make(inner, wrapper);
        }
        catch (Exception exception) when (FileBoundary.IsAboutContent(exception))
        {
            throw new InvalidDataException($"Environment description, {kind}: {FileText.Plain(exception.Message)}", exception);
        }
    }

    private static int Int(JsonObject numbers, string name) => Value<int>(numbers, name);

    private static T Value<T>(JsonObject numbers, string name) => numbers[name] is JsonValue value
        ? value.GetValue<T>()
        : throw new FormatException($"expected a number as '{name}', got {numbers[name]?.ToJsonString() ?? "none"}.");

    private static JsonArray Array(JsonObject numbers, string name) => numbers[name] as JsonArray
        ?? throw new FormatException($"expected a list as '{name}', got {numbers[name]?.ToJsonString() ?? "none"}.");

    private static IEnumerable<float> Floats(JsonObject numbers, string name) =>
        Array(numbers, name).Select(number => (float)number!);
}
