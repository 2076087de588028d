namespace Dqn.Onnx;

/// <summary>What the inputs and outputs of an exported file are called.</summary>
public static class OnnxNames
{
    /// <summary>Input: [batch, observation shape], bytes or 32-bit floats as the environment gives them.</summary>
    public const string Observation = "observation";

    /// <summary>
    /// Input beside the output <see cref="Action"/> where the environment has illegal actions, or
    /// <see cref="OnnxOptions.LegalActions"/> asked for it: bool, [batch, actions]. At least one of an item's is true; where
    /// none is, action 0 is chosen.
    /// </summary>
    public const string LegalActions = "legal_actions";

    /// <summary>Output: 32-bit floats, [batch, actions].</summary>
    public const string ActionValues = "action_values";

    /// <summary>Output where <see cref="OnnxOptions.Action"/> asked for it: 64-bit integers, [batch].</summary>
    public const string Action = "action";

    /// <summary>
    /// Output where <see cref="OnnxOptions.Distribution"/> asked for it: 32-bit floats, [batch, actions, atoms]. And the
    /// metadata's key for what the atoms are, in the file of every network that has them.
    /// </summary>
    public const string Distribution = "distribution";

    internal static string[] All => [Observation, LegalActions, ActionValues, Action, Distribution];
}
