namespace Dqn.Training;

/// <summary>A checkpoint that was found whole: every part's length and checksum has been verified.</summary>
public sealed class Checkpoint
{
    private readonly CheckpointManifest _manifest;
    private readonly string _folder;

    internal Checkpoint(string folder, CheckpointManifest manifest, IReadOnlyList<string> damage) =>
        (_folder, _manifest, Damage) = (folder, manifest, damage);

    /// <summary>The agent step after which it was saved.</summary>
    public long Step => _manifest.Step;

    /// <summary>The names of its parts, in the order they were saved.</summary>
    public IEnumerable<string> Names => _manifest.Parts.Select(part => part.Name);

    /// <summary>
    /// What is wrong with each newer checkpoint that could not be used, so that this older one was taken; empty where
    /// this is the newest.
    /// </summary>
    public IReadOnlyList<string> Damage { get; }

    /// <summary>Whether there is a part of that name.</summary>
    public bool Contains(string name) => Find(name) is not null;

    /// <summary>Reads a part.</summary>
    /// <param name="name">The part's name.</param>
    /// <param name="read">Reads the whole content, as it was written.</param>
    /// <exception cref="InvalidDataException">
    /// There is no such part, or <paramref name="read"/> reads more or less than there is: the message names the file.
    /// </exception>
    public void Read(string name, Action<BinaryReader> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        CheckpointManifest.Part part = Find(name) ?? throw new InvalidDataException(
            $"{Path.Combine(_folder, _manifest.FileName)}: expected a part '{name}', got {string.Join(", ", Names)}.");
        string path = Path.Combine(_folder, part.FileName);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        Read(file, path, name, read);
    }

    /// <summary>Reads a part's content, which a file of that path holds.</summary>
    internal static void Read(Stream file, string path, string name, Action<BinaryReader> read)
    {
        using var reader = new BinaryReader(file);
        try
        {
            read(reader);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"{path}: it ends before what part '{name}' should hold.", exception);
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException or IOException)
        {
            throw new InvalidDataException($"{path}: {exception.Message}", exception);
        }

        if (file.Position != file.Length)
        {
            throw new InvalidDataException(
                $"{path}: part '{name}' should hold {file.Position} bytes, got {file.Length}: another version's.");
        }
    }

    private CheckpointManifest.Part? Find(string name) => _manifest.Parts.FirstOrDefault(part => part.Name == name);
}
