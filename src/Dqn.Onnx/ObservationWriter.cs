using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using DataType = Dqn.Onnx.Schema.TensorProto.Types.DataType;

namespace Dqn.Onnx;

/// <summary>
/// From an observation to what the network's first layer takes: the wrappers that the file computes, bytes to floats, the
/// network's shape.
/// </summary>
internal sealed class ObservationWriter
{
    // They leave an observation as it is.
    private static readonly HashSet<string> s_transparent =
    [
        nameof(EpisodeStatistics), nameof(FrameSkip), nameof(NoOpStart), nameof(RewardTimeout), nameof(SetbackStart),
        nameof(TimeLimit),
    ];

    // The outermost first.
    private readonly List<JsonObject> _computed = [];

    /// <summary>Takes a policy's observations as they are, or as they are before its wrappers.</summary>
    /// <param name="policy">Whose.</param>
    /// <param name="beforeWrappers">Whether the file computes wrappers.</param>
    /// <exception cref="ArgumentException">There is no wrapper that it could compute.</exception>
    public ObservationWriter(GreedyPolicy policy, bool beforeWrappers)
    {
        (Spec, Environment) = (policy.Spec, policy.DescribeEnvironment());
        if (!beforeWrappers)
            return;
        if (Environment is null)
        {
            throw new ArgumentException(
                $"{nameof(OnnxOptions.Wrappers)}: expected a policy that was made with its environment, new GreedyPolicy(network, " +
                "environment), got one without.", "options");
        }

        Environment = WithoutComputed(Environment);
    }

    /// <summary>The observations that go in.</summary>
    public EnvironmentSpec Spec { get; private set; }

    /// <summary>The environment that gives them; null where it is not known.</summary>
    public JsonObject? Environment { get; }

    /// <summary>Adds the operators.</summary>
    /// <param name="graph">What they are added to.</param>
    /// <param name="input">The name of the observation.</param>
    /// <param name="observationShape">The policy's.</param>
    /// <param name="networkShape">What the network takes.</param>
    /// <returns>The name of what they give: floats, [batch, network shape].</returns>
    public string Add(OnnxGraph graph, string input, ReadOnlySpan<int> observationShape, ReadOnlySpan<int> networkShape)
    {
        string value = input;
        foreach (JsonObject wrapper in Enumerable.Reverse(_computed))
        {
            value = Kind(wrapper) == nameof(Normalize)
                ? Normalized(graph, wrapper, value)
                : graph.Add("Transpose", [value], new OnnxAttribute("perm", [0L, 3, 1, 2]));
        }

        if (Spec.ElementType == ElementType.Byte)
        {
            value = graph.Add("Cast", [value], new OnnxAttribute("to", (long)DataType.Float));
            value = graph.Add("Div", [value, graph.Constant([255f])]);
        }

        if (observationShape.SequenceEqual(networkShape))
            return value;
        long[] shape = [0, .. networkShape];
        return graph.Add("Reshape", [value, graph.Constant(shape, shape.Length)]);
    }

    private static string Kind(JsonObject environment) => environment["kind"]?.ToString() ?? "";

    private JsonObject WithoutComputed(JsonObject environment)
    {
        JsonObject outermost = environment, part = environment;
        JsonObject? around = null;
        while (part["inner"] is JsonObject inner && (s_transparent.Contains(Kind(part)) || TryCompute(part)))
        {
            if (s_transparent.Contains(Kind(part)))
            {
                (around, part) = (part, inner);
                continue;
            }

            part.Remove("inner");
            if (around is null)
                outermost = inner;
            else
                around["inner"] = inner;
            part = inner;
        }

        return _computed.Count > 0 ? outermost : throw new ArgumentException(
            $"{nameof(OnnxOptions.Wrappers)}: expected {nameof(Normalize)} or {nameof(ChannelsFirst)} as the outermost wrapper " +
            $"that changes observations, got {Kind(part)}, which the file cannot compute: leave the option out.", "options");
    }

    private bool TryCompute(JsonObject wrapper)
    {
        switch (Kind(wrapper))
        {
            case nameof(Normalize):
                break;
            case nameof(ChannelsFirst):
                (int channels, int height, int width) = (Spec.ObservationShape[0], Spec.ObservationShape[1], Spec.ObservationShape[2]);
                Spec = Spec with { ObservationShape = [height, width, channels], Layout = ObservationLayout.ChannelsLast };
                break;
            default:
                return false;
        }

        _computed.Add(wrapper);
        return true;
    }

    private string Normalized(OnnxGraph graph, JsonObject wrapper, string value)
    {
        long[] shape = [.. Spec.ObservationShape];
        value = graph.Add("Sub", [value, graph.Constant(Numbers("means"), shape)]);
        value = graph.Add("Div", [value, graph.Constant(Numbers("deviations"), shape)]);
        return graph.Add("Clip", [value, graph.Constant([-Normalize.Limit]), graph.Constant([Normalize.Limit])]);

        float[] Numbers(string name) => [.. wrapper[name]!.AsArray().Select(number => (float)number!)];
    }
}
