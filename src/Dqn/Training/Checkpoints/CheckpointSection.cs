namespace Dqn.Training;

/// <summary>One part of a checkpoint: a file of its own, written again only when it has changed.</summary>
public sealed record CheckpointSection
{
    /// <summary>Describes a part to be saved.</summary>
    /// <param name="name">Its name: lower-case letters, digits and hyphens, unique in the checkpoint.</param>
    /// <param name="write">Writes the content, front to back.</param>
    /// <param name="version">
    /// Tells contents apart: where the last checkpoint has a part of this name and version, its file is kept and
    /// <paramref name="write"/> is not called. Null writes always. Not negative.
    /// </param>
    /// <exception cref="ArgumentException">A name of other characters, or a negative version.</exception>
    public CheckpointSection(string name, Action<BinaryWriter> write, long? version = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(write);
        if (!IsName(name))
        {
            throw new ArgumentException(
                $"Expected a section's name of lower-case letters, digits and hyphens, got '{name}'.", nameof(name));
        }

        if (version < 0)
            throw new ArgumentOutOfRangeException(nameof(version), version, "Expected a version of 0 or more.");
        (Name, Write, Version) = (name, write, version);
    }

    /// <summary>The part's name.</summary>
    public string Name { get; }

    /// <summary>Writes the content.</summary>
    public Action<BinaryWriter> Write { get; }

    /// <summary>Tells contents apart; null where the part is written always.</summary>
    public long? Version { get; }

    internal static bool IsName(string name) =>
        name.Length > 0 && name.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") < 0;
}
