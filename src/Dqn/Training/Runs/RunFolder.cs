using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dqn.Files;

namespace Dqn.Training;

/// <summary>
/// The folder of a training run: where its files lie, held against a second process for as long as the run goes.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    /// <summary>What a training holds while it goes.</summary>
    public const string LockName = "run.lock";

    /// <summary>Where the checkpoints are.</summary>
    public const string CheckpointsName = "checkpoints";

    private readonly FileStream _lock;

    /// <summary>Opens the folder, made if need be.</summary>
    /// <exception cref="IOException">It cannot be made, or another process trains in it.</exception>
    public RunFolder(string path, string weightsExtension)
    {
        (Path, BestWeights, LatestWeights) = (path, At($"best{weightsExtension}"), At($"latest{weightsExtension}"));
        Directory.CreateDirectory(path);
        try
        {
            _lock = new FileStream(
                At(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(At(LockName)))
        {
            throw new IOException($"Another process trains in {path}: it holds {At(LockName)}.", exception);
        }

        // What a process that was killed left unfinished, now that nobody else writes here.
        foreach (string unfinished in Directory.EnumerateFiles(path, ".*.tmp"))
            File.Delete(unfinished);

        string At(string name) => System.IO.Path.Combine(path, name);
    }

    public string Path { get; }

    public string BestWeights { get; }

    public string LatestWeights { get; }

    public string History => System.IO.Path.Combine(Path, "history.csv");

    public string Options => System.IO.Path.Combine(Path, "options.json");

    public string Checkpoints => System.IO.Path.Combine(Path, CheckpointsName);

    /// <summary>
    /// Writes <c>options.json</c>: the settings, and for each time that the run was started or resumed when, at which
    /// step, how far it should go, with which version and on what machine.
    /// </summary>
    public void WriteOptions(JsonObject settings, long step, long totalSteps, DateTimeOffset now)
    {
        JsonArray starts = step > 0 ? EarlierStarts() : [];
        starts.Add((JsonNode)new JsonObject
        {
            ["time"] = now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            ["step"] = step,
            ["totalSteps"] = totalSteps,
            ["version"] = typeof(RunFolder).Assembly.GetName().Version?.ToString(3),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["system"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["processors"] = Environment.ProcessorCount,
            ["vectorBits"] = VectorBits,
        });
        var document = new JsonObject { ["settings"] = settings.DeepClone(), ["starts"] = starts };
        ReplacingFile.Write(Options, stream =>
        {
            using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            document.WriteTo(writer);
        });
    }

    /// <summary>Lets another process in.</summary>
    public void Dispose() => _lock.Dispose();

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 64;

    // A record for people: one that cannot be read must not stop a run from going on.
    private JsonArray EarlierStarts()
    {
        try
        {
            JsonNode? document = JsonNode.Parse(File.ReadAllText(Options));
            return document is JsonObject && document["starts"] is JsonArray starts
                ? (JsonArray)starts.DeepClone()
                : [];
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return [];
        }
    }
}
