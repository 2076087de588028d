using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dqn.Files;
using Dqn.Identity;
using Microsoft.Extensions.Logging;

namespace Dqn.Training;

/// <summary>
/// A run's <c>options.json</c>: the settings, and for each time that the run was started or resumed when, at which step,
/// how far it should go, with which version and on what machine. A record for people: one that cannot be read or written
/// is logged and never stops a run, and none is overwritten unread.
/// </summary>
internal sealed partial class RunRecord(string path, ILogger logger)
{
    /// <summary>Adds a start at <paramref name="step"/>; at step 0 a new record takes the place of the old.</summary>
    public void Write(JsonObject settings, long step, long totalSteps, DateTimeOffset now)
    {
        try
        {
            JsonArray starts = step > 0 ? EarlierStarts() : [];
            starts.Add((JsonNode)Start(step, totalSteps, now));
            var document = new JsonObject { ["settings"] = settings.DeepClone(), ["starts"] = starts };
            ReplacingFile.Write(path, stream =>
            {
                using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
                document.WriteTo(writer);
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotWritten(logger, path, exception.Message);
        }
    }

    private static JsonObject Start(long step, long totalSteps, DateTimeOffset now) => new()
    {
        ["time"] = now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["step"] = step,
        ["totalSteps"] = totalSteps,
        ["version"] = typeof(RunRecord).Assembly.GetName().Version?.ToString(3),
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["processors"] = Environment.ProcessorCount,
        ["vectorBits"] = VectorBits,
    };

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 64;

    private JsonArray EarlierStarts()
    {
        string problem;
        try
        {
            return ParseStarts(File.ReadAllText(path));
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            problem = exception.Message;
        }

        string aside = FreeName();
        Directory.Move(path, aside); // a file too, and what is in its place
        LogSetAside(logger, path, aside, problem);
        return [];
    }

    /// <summary>The starts in a record's text.</summary>
    /// <exception cref="InvalidDataException">It is no record.</exception>
    internal static JsonArray ParseStarts(string text)
    {
        const string expected = "an object with an array 'starts'";
        return StrictJson.Parse(text, expected) is JsonObject document && document["starts"] is JsonArray starts
            ? (JsonArray)starts.DeepClone()
            : throw new InvalidDataException($"Expected {expected}.");
    }

    private string FreeName()
    {
        string name = path + ".bad";
        for (int i = 2; Path.Exists(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{path}.bad{i}");
        return name;
    }

    [LoggerMessage(
        EventId = TrainingLogEvents.OptionsSetAside, EventName = nameof(TrainingLogEvents.OptionsSetAside), Level = LogLevel.Warning,
        Message = "{Path} could not be read and is kept as {Aside}: {Problem}")]
    private static partial void LogSetAside(ILogger logger, string path, string aside, string problem);

    [LoggerMessage(
        EventId = TrainingLogEvents.OptionsNotWritten, EventName = nameof(TrainingLogEvents.OptionsNotWritten), Level = LogLevel.Warning,
        Message = "{Path} could not be written: {Problem}")]
    private static partial void LogNotWritten(ILogger logger, string path, string problem);
}
