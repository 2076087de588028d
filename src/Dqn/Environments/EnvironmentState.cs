using System.Text.Json.Nodes;
using Dqn.Files;
using Dqn.Identity;

namespace Dqn.Environments;

/// <summary>
/// Saved states that know whose they are: the environment's description, then its state. A state of another
/// environment, of other wrappers, or of the same with other numbers, is refused, and what differs is named.
/// </summary>
public static class EnvironmentState
{
    /// <summary>Writes what the environment is, then everything that its coming steps depend on.</summary>
    /// <exception cref="NotSupportedException"><see cref="IEnvironment.CanSaveState"/> is false.</exception>
    public static void Save(IEnvironment environment, BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(writer);
        WriteDescription(environment.Describe(), writer);
        environment.SaveState(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="NotSupportedException"><see cref="IEnvironment.CanSaveState"/> is false.</exception>
    /// <exception cref="InvalidDataException">
    /// The state is another environment's: the message names what differs. Or it is damaged.
    /// </exception>
    /// <exception cref="EndOfStreamException">The data ends too early.</exception>
    public static void Load(IEnvironment environment, BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(reader);
        RequireDescription(environment.Describe(), reader);
        environment.LoadState(reader);
    }

    internal static void WriteDescription(JsonObject description, BinaryWriter writer) =>
        writer.Write(description.ToJsonString());

    /// <exception cref="InvalidDataException">Another description, or none, follows.</exception>
    internal static void RequireDescription(JsonObject current, BinaryReader reader)
    {
        JsonNode? saved = StrictJson.Parse(reader.ReadText(), "a description of the environment in its state");
        if (Differences.Name(saved, current) is { Length: > 0 } differences)
        {
            throw new InvalidDataException(
                $"Environment state: expected one of the same environment with the same wrappers; {differences}.");
        }
    }
}
