namespace Dqn.Training;

/// <summary>
/// A folder of checkpoints: the newest and the one before it. A checkpoint is a manifest
/// (<c>checkpoint-000012.manifest</c>) and a file for each of its parts (<c>agent.000012.part</c>); a part that has
/// not changed since the last checkpoint is not written again but shared. The new manifest appears, by a rename, only
/// when all its parts lie on the disk, and older files go only after that: whenever writing stops, for a full disk or
/// for a lost process, the folder holds the old checkpoint or the new one, whole. One store at a time may save to a
/// folder.
/// </summary>
public sealed class CheckpointStore
{
    private readonly Action<string>? _beforeStep;
    private CheckpointManifest? _last;

    /// <summary>Opens a folder; it need not exist before the first <see cref="Save"/>.</summary>
    public CheckpointStore(string folder) : this(folder, null)
    {
    }

    internal CheckpointStore(string folder, Action<string>? beforeStep)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (Folder, _beforeStep) = (folder, beforeStep);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Whether the folder holds a checkpoint, be it whole or damaged.</summary>
    public bool HasCheckpoint => ManifestNumbers().Count > 0;

    /// <summary>Saves a checkpoint and removes those before the last one.</summary>
    /// <param name="step">The agent step it stands for.</param>
    /// <param name="sections">Its parts, names unique.</param>
    /// <exception cref="ArgumentException">Two parts bear one name.</exception>
    /// <exception cref="IOException">The disk is full or fails; the last checkpoint is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written; the same holds.</exception>
    public void Save(long step, IReadOnlyList<CheckpointSection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        if (sections.GroupBy(section => section.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Expected different sections, got '{twice.Key}' twice.", nameof(sections));

        _beforeStep?.Invoke($"create {Folder}");
        Directory.CreateDirectory(Folder);
        CheckpointManifest? last = _last ?? FindWhole(ManifestNumbers(), []);
        long number = 1 + HighestNumber(); // never the name of a file that a checkpoint consists of
        var written = new List<string>();
        try
        {
            var manifest = new CheckpointManifest(
                number, step, [.. sections.Select(section => Unchanged(section) ?? Write(section, number, written))]);
            CheckpointFile.Replace(PathOf(manifest.FileName), manifest.WriteTo, _beforeStep);
            _last = manifest;
            RemoveAllBut(manifest, last);
        }
        catch when (_last?.Number != number)
        {
            foreach (string path in written)
                CheckpointFile.TryDelete(path, _beforeStep);
            throw;
        }
    }

    /// <summary>Finds the newest checkpoint that is whole, having verified every part's length and checksum.</summary>
    /// <returns>The checkpoint, or null where the folder holds none.</returns>
    /// <exception cref="InvalidDataException">
    /// There are checkpoints and none is whole: the message names for each the file and what is wrong with it.
    /// </exception>
    public Checkpoint? Load()
    {
        var damage = new List<string>();
        IReadOnlyList<long> numbers = ManifestNumbers();
        _last = FindWhole(numbers, damage);
        if (_last is null && numbers.Count > 0)
            throw new InvalidDataException($"No checkpoint in {Folder} is whole. {string.Join(" ", damage)}");
        return _last is null ? null : new Checkpoint(Folder, _last, damage);
    }

    private CheckpointManifest? FindWhole(IReadOnlyList<long> numbers, List<string> damage)
    {
        foreach (long number in numbers)
        {
            try
            {
                var manifest = CheckpointManifest.Read(PathOf(CheckpointManifest.ManifestFileName(number)));
                foreach (CheckpointManifest.Part part in manifest.Parts)
                    Verify(part);
                return manifest;
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException)
            {
                damage.Add(exception.Message);
            }
        }

        return null;
    }

    private void Verify(CheckpointManifest.Part part)
    {
        string path = PathOf(part.FileName);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length != part.Checksum.Length)
            throw new InvalidDataException($"{path}: expected {part.Checksum.Length} bytes, got {file.Length}.");
        if (Checksum.Of(file) != part.Checksum)
            throw new InvalidDataException($"{path}: its checksum does not fit its content: it was altered.");
    }

    // Only against a checkpoint that this store wrote or verified: another run's versions mean other contents.
    private CheckpointManifest.Part? Unchanged(CheckpointSection section)
    {
        CheckpointManifest.Part? part = _last?.Parts.FirstOrDefault(part => part.Name == section.Name);
        if (part is null || section.Version is null || part.Version != section.Version)
            return null;
        var file = new FileInfo(PathOf(part.FileName));
        return file.Exists && file.Length == part.Checksum.Length ? part : null;
    }

    private CheckpointManifest.Part Write(CheckpointSection section, long number, List<string> written)
    {
        string path = PathOf(CheckpointManifest.PartFileName(section.Name, number));
        Checksum checksum = CheckpointFile.Replace(
            path,
            stream =>
            {
                using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                section.Write(writer);
            },
            _beforeStep);
        written.Add(path);
        return new CheckpointManifest.Part(section.Name, section.Version ?? -1, number, checksum);
    }

    private void RemoveAllBut(CheckpointManifest newest, CheckpointManifest? last)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (CheckpointManifest manifest in last is null ? [newest] : new[] { newest, last })
        {
            kept.Add(manifest.FileName);
            kept.UnionWith(manifest.Parts.Select(part => part.FileName));
        }

        foreach (string path in Directory.EnumerateFiles(Folder))
        {
            string name = Path.GetFileName(path);
            if (CheckpointManifest.TryGetNumber(name, out _, out _) && !kept.Contains(name))
                CheckpointFile.TryDelete(path, _beforeStep);
        }
    }

    private List<long> ManifestNumbers()
    {
        var numbers = new List<long>();
        if (!Directory.Exists(Folder))
            return numbers;
        foreach (string path in Directory.EnumerateFiles(Folder))
        {
            string name = Path.GetFileName(path);
            if (CheckpointManifest.TryGetNumber(name, out long number, out bool isManifest) && isManifest
                && name == CheckpointManifest.ManifestFileName(number))
            {
                numbers.Add(number);
            }
        }

        numbers.Sort();
        numbers.Reverse();
        return numbers;
    }

    private long HighestNumber()
    {
        long highest = 0;
        foreach (string path in Directory.EnumerateFiles(Folder))
        {
            if (CheckpointManifest.TryGetNumber(Path.GetFileName(path), out long number, out _))
                highest = Math.Max(highest, number);
        }

        return highest;
    }

    private string PathOf(string fileName) => Path.Combine(Folder, fileName);
}
