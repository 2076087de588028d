using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Files;
using Dqn.Identity;

namespace Dqn.Training;

/// <summary>
/// What a training run's checkpoint consists of, in both directions. All times are in the part <c>clock</c>: the others are
/// the same to the bit however fast the machine was.
/// </summary>
internal sealed class RunCheckpoint(
    JsonObject settings, ILearner learner, ITrainingLoop loop, TrainingMetrics metrics, CsvMetricSink history,
    BestModelKeeper best, TrainingClock clock)
{
    private static readonly ImmutableArray<string> s_times = [RunHistory.SecondsColumn];

    private const string Settings = "settings", Agent = "agent", Loop = "loop", Metrics = "metrics", Clock = "clock";

    public void Save(CheckpointStore store)
    {
        var sections = new List<CheckpointSection>
        {
            new(Settings, writer => writer.Write(settings.ToJsonString())),
            new(Agent, learner.SaveState),
            new(Loop, loop.SaveState),
            new(Metrics, writer =>
            {
                metrics.SaveState(writer);
                best.SaveState(writer);
                history.SaveState(writer, TrainingMetrics.HistoryColumns);
            }),
            new(Clock, writer =>
            {
                clock.SaveState(writer);
                history.SaveState(writer, s_times);
            }),
        };
        for (int i = 0; i < learner.Memory?.SegmentCount; i++)
        {
            int segment = i;
            long version = learner.Memory.SegmentVersion(segment);
            if (version > 0)
            {
                sections.Add(new CheckpointSection(
                    SegmentName(segment), writer => learner.Memory.WriteSegment(segment, writer.BaseStream), version));
            }
        }

        store.Save(loop.Steps, sections);
    }

    /// <exception cref="InvalidOperationException">
    /// The checkpoint was made with other settings: the message says which.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// A part does not fit; the run's objects may have changed in part.
    /// </exception>
    public void Load(Checkpoint checkpoint)
    {
        checkpoint.Read(Settings, reader => RequireSame(reader.ReadText()));
        checkpoint.Read(Agent, learner.LoadState);
        for (int i = 0; i < learner.Memory?.SegmentCount; i++)
        {
            int segment = i;
            if (learner.Memory.SegmentVersion(segment) > 0)
                checkpoint.Read(SegmentName(segment), reader => learner.Memory.ReadSegment(segment, reader.BaseStream));
        }

        checkpoint.Read(Loop, reader =>
        {
            loop.LoadState(reader);
            RequireStep("the loop's", loop.Steps, checkpoint.Step, checkpoint.Step);
        });
        checkpoint.Read(Metrics, reader =>
        {
            metrics.LoadState(reader);
            best.LoadState(reader);
            history.ReadState(reader, TrainingMetrics.HistoryColumns);
            RequireStep("the last evaluation's", metrics.EvaluatedStep, 0, checkpoint.Step);
            RequireStep("the best evaluation's", best.Step, 0, checkpoint.Step);
            RequireStep("the last row's", history.Rows.LastOrDefault().Step, 0, checkpoint.Step);
        });
        if (!checkpoint.Contains(Clock))
            return; // As runs without a time limit were saved before version 0.3: time counts from here on.
        checkpoint.Read(Clock, reader =>
        {
            clock.LoadState(reader);
            if (reader.BaseStream.Position < reader.BaseStream.Length)
                history.ReadMore(reader, s_times);
        });
    }

    private static void RequireStep(string what, long step, long from, long to)
    {
        if (step < from || step > to)
            throw new InvalidDataException($"The checkpoint's state: expected a step {from} … {to} as {what}, got {step}.");
    }

    private static string SegmentName(int segment) =>
        string.Create(CultureInfo.InvariantCulture, $"replay-{segment:D5}");

    private void RequireSame(string saved)
    {
        JsonNode? was = StrictJson.Parse(saved, "the checkpoint's settings as JSON");

        // Through text and back, so that both sides spell their numbers alike.
        if (Differences.Name(was, JsonNode.Parse(settings.ToJsonString())) is { Length: > 0 } differences)
            throw new InvalidOperationException($"The run was made with other options: {differences}.");
    }
}
