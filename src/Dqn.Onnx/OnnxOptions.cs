namespace Dqn.Onnx;

/// <summary>What an ONNX file computes beside the action values. Default: nothing.</summary>
public sealed record OnnxOptions
{
    /// <summary>The oldest version of ONNX's operators that a file can be written for.</summary>
    public const int OldestOpset = 13;

    /// <summary>The newest one.</summary>
    public const int NewestOpset = 26;

    /// <summary>
    /// The version of ONNX's operators, <see cref="OldestOpset"/> … <see cref="NewestOpset"/>. Default 21, of ONNX 1.16: newer
    /// ones compute nothing that a network here needs, and fewer programs run them. From 17 on a
    /// <see cref="Networks.LayerNorm"/> is one operator; before, it is several.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int Opset
    {
        get;
        init => field = value is >= OldestOpset and <= NewestOpset
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Opset), value, $"Opset: expected {OldestOpset} … {NewestOpset}, got {value}. The program that is to run " +
                "the file has to know one of these.");
    } = 21;

    /// <summary>
    /// Whether the file has the output <c>action</c>: the action of the greatest value, the first of equals.
    /// </summary>
    public bool Action { get; init; }

    /// <summary>
    /// Whether the file has the input <c>legal_actions</c>, which says what actions <c>action</c> chooses among, though the
    /// environment has no illegal ones. Where it has (<see cref="Environments.EnvironmentSpec.HasIllegalActions"/>), the input
    /// is always there. Only with <see cref="Action"/>.
    /// </summary>
    public bool LegalActions { get; init; }

    /// <summary>
    /// Whether the file has the output <c>distribution</c>: the probabilities or quantiles of each action's return. Only for
    /// a network that gives them.
    /// </summary>
    public bool Distribution { get; init; }

    /// <summary>
    /// Whether the file computes the outermost wrappers of the environment itself, as far as they are
    /// <see cref="Environments.Normalize"/> or <see cref="Environments.ChannelsFirst"/>: then the observation goes in as it is
    /// before them. Only for a policy that was made with such an environment.
    /// </summary>
    public bool Wrappers { get; init; }
}
