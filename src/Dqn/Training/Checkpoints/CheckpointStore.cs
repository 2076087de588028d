using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// A folder of checkpoints: the newest and the one before it. A checkpoint is a manifest
/// (<c>checkpoint-000012.manifest</c>) and a file for each of its parts (<c>agent.000012.part</c>); a part that has
/// not changed since the last checkpoint is not written again but shared.
/// <para>
/// Each step waits until the one before it lies on the disk: the parts, their names, the manifest, its name. Only then is
/// the checkpoint saved, and only then do older files go, manifests before parts. Whenever writing stops, for a full
/// disk, a lost process or a lost machine, the folder holds the old checkpoint or the new one, whole.
/// </para>
/// <para>One store at a time may save to a folder.</para>
/// </summary>
public sealed class CheckpointStore
{
    private const int BufferBytes = 1 << 16;

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

    /// <summary>
    /// Saves a checkpoint and removes those before the last one. When it returns, no power loss takes the checkpoint.
    /// </summary>
    /// <param name="step">The agent step it stands for.</param>
    /// <param name="sections">Its parts, names unique.</param>
    /// <exception cref="ArgumentException">Two parts bear one name.</exception>
    /// <exception cref="IOException">
    /// The disk is full or fails; the last checkpoint is still there, or already this one if only removing failed.
    /// </exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written; the same holds.</exception>
    public void Save(long step, IReadOnlyList<CheckpointSection> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        if (sections.GroupBy(section => section.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Expected different sections, got '{twice.Key}' twice.", nameof(sections));

        _beforeStep?.Invoke($"create {Folder}");
        Disk.CreateFolder(Folder);
        CheckpointManifest? last = _last ?? FindWhole(ManifestNumbers(), []);
        long number = 1 + HighestNumber(); // never the name of a file that a checkpoint consists of
        string manifestPath = PathOf(CheckpointManifest.ManifestFileName(number));
        var written = new List<string>();
        try
        {
            var manifest = new CheckpointManifest(
                number, step, [.. sections.Select(section => Unchanged(section) ?? Write(section, number, written))]);
            FlushFolder();
            using (var file = new ReplacingFile(manifestPath, beforeStep: _beforeStep))
            {
                manifest.WriteTo(file.Stream);
                file.Commit();
            }

            _last = manifest;
        }
        catch when (!File.Exists(manifestPath)) // else it is whole, though it may not survive a power loss
        {
            foreach (string path in written)
                ReplacingFile.TryDelete(path, _beforeStep);
            throw;
        }

        RemoveAllBut(_last, last);
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
            catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
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
        using var file = new ReplacingFile(path, beforeStep: _beforeStep);

        // The buffer stands before the checksum, so that a number at a time does not mean a hash at a time.
        var summed = new ChecksumStream(file.Stream, _beforeStep);
        using (var writer = new BinaryWriter(new BufferedStream(summed, BufferBytes)))
            section.Write(writer);
        file.Commit(flushFolder: false); // once for all parts
        written.Add(path);
        return new CheckpointManifest.Part(section.Name, section.Version ?? -1, number, summed.Checksum);
    }

    private void RemoveAllBut(CheckpointManifest newest, CheckpointManifest? last)
    {
        var kept = new HashSet<string>(StringComparer.Ordinal);
        foreach (CheckpointManifest manifest in last is null ? [newest] : new[] { newest, last })
        {
            kept.Add(manifest.FileName);
            kept.UnionWith(manifest.Parts.Select(part => part.FileName));
        }

        ReplacingFile.DeleteUnfinished(Folder, _beforeStep);
        if (Remove(manifests: true))
            FlushFolder(); // so that a manifest never outlives its parts
        Remove(manifests: false);

        bool Remove(bool manifests)
        {
            bool any = false;
            foreach (string path in Directory.GetFiles(Folder))
            {
                string name = Path.GetFileName(path);
                if (!CheckpointManifest.TryGetNumber(name, out _, out bool isManifest) || isManifest != manifests
                    || kept.Contains(name))
                {
                    continue;
                }

                ReplacingFile.TryDelete(path, _beforeStep);
                any = true;
            }

            return any;
        }
    }

    private void FlushFolder()
    {
        _beforeStep?.Invoke($"flush folder {Folder}");
        Disk.FlushFolder(Folder);
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
