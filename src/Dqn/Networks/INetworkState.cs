using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>A network's parameters by name, for files of weights, and all its state, for checkpoints.</summary>
/// <example><code>
/// INetworkState network = agent.EvaluationNetwork;
/// StateDictFile.Write("weights.safetensors", network.GetStateDict());
/// network.LoadStateDict(StateDictFile.Read("weights.safetensors"));
/// </code></example>
public interface INetworkState
{
    /// <summary>The parameters by name, copied, as PyTorch's <c>state_dict()</c> gives them.</summary>
    StateDict GetStateDict();

    /// <summary>Sets all parameters from <paramref name="stateDict"/>; the optimizer's state stays.</summary>
    /// <exception cref="ArgumentException">
    /// A name is missing or unknown, a shape differs, or a number is not finite: the message says which, what was
    /// expected and what came. Nothing has changed then.
    /// </exception>
    void LoadStateDict(StateDict stateDict);

    /// <summary>Writes the parameters, the optimizer's state, and noise with its random stream, exactly.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>Reads what <see cref="SaveState"/> wrote on a network of the same architecture and optimizer.</summary>
    /// <exception cref="InvalidDataException">The data is of another architecture or optimizer, or damaged.</exception>
    void LoadState(BinaryReader reader);
}
