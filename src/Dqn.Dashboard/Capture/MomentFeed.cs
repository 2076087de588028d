using System.Buffers;
using System.Text.Json;
using Dqn.Environments;
using Dqn.Values;

namespace Dqn.Watching;

/// <summary>The newest moment and picture for those that serve: encoded when one asks, once for all who do.</summary>
internal sealed class MomentFeed(
    TripleBuffer<Moment> moments, TripleBuffer<Picture>? pictures, PictureSource? source, EnvironmentSpec spec,
    ValueDistribution distribution, double rewardScale)
{
    private const int MostNumbers = 64;

    private readonly Lock _lock = new();
    private readonly FrameTiles _tiles = new(spec);
    private readonly ReturnHistogram? _histogram = ReturnHistogram.For(distribution, spec.ActionCount, rewardScale);
    private readonly QuickPng _png = new();
    private byte[]? _agentPng, _personPng;
    private byte[] _json = [];
    private long _jsonStep = -1;

    /// <summary>How many frames of the observation lie side by side in <see cref="AgentPicture"/>; 0 where it is numbers.</summary>
    public int Frames => _tiles.Frames;

    /// <summary>Whether there is a picture for people.</summary>
    public bool HasPicture => source is not null;

    /// <summary>The step of the newest picture for people; −1 before the first.</summary>
    public long PictureStep
    {
        get
        {
            lock (_lock)
            {
                if (pictures is null)
                    return -1;
                if (pictures.Take())
                    _personPng = null;
                return pictures.Front.Step == 0 ? -1 : pictures.Front.Step;
            }
        }
    }

    /// <summary>The newest moment as JSON with its step; empty and −1 before the first.</summary>
    public (long Step, byte[] Json) Newest()
    {
        lock (_lock)
        {
            if (moments.Take())
            {
                _agentPng = null;
                (_json, _jsonStep) = (Describe(moments.Front), moments.Front.Step);
            }

            return (_jsonStep, _json);
        }
    }

    /// <summary>What the agent saw, as PNG; null before the first moment and where it sees numbers.</summary>
    public byte[]? AgentPicture()
    {
        lock (_lock)
        {
            return _tiles.Frames == 0 || _jsonStep < 0 ? null : _agentPng ??= _png.Encode(
                _tiles.Draw(moments.Front.Observation), _tiles.Width, _tiles.Height, _tiles.Format);
        }
    }

    /// <summary>What a person sees, as PNG; null before the first and where there is none.</summary>
    public byte[]? PersonPicture()
    {
        lock (_lock)
        {
            return pictures is null || source is null || pictures.Front.Step == 0 ? null : _personPng ??= _png.Encode(
                source.Pixels(pictures.Front.Pixels), source.Width, source.Height, source.Format);
        }
    }

    private byte[] Describe(Moment moment)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("step", moment.Step);
        writer.WriteNumber("action", moment.Action);
        writer.WriteNumber("best", Greatest(moment));
        writer.WriteNumber("reward", Math.Round(moment.Reward, 4));
        if (double.IsFinite(moment.Return))
            writer.WriteNumber("return", Math.Round(moment.Return, 3));
        writer.WriteStartArray("values");
        foreach (float value in moment.Values)
            Write(writer, value / rewardScale);
        writer.WriteEndArray();
        if (moment.Legal.Contains(false))
        {
            writer.WriteStartArray("legal");
            foreach (bool legal in moment.Legal)
                writer.WriteBooleanValue(legal);
            writer.WriteEndArray();
        }

        _histogram?.Write(writer, moment.Distributions);
        if (_tiles.Frames == 0)
        {
            writer.WriteStartArray("numbers");
            for (int i = 0; i < Math.Min(spec.ObservationLength, MostNumbers); i++)
                Write(writer, _tiles.Number(moment.Observation, i));
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    // The first of equals among the legal actions, as the agent chooses.
    private static int Greatest(Moment moment)
    {
        int best = Array.IndexOf(moment.Legal, true);
        for (int i = best + 1; i < moment.Values.Length; i++)
        {
            if (moment.Legal[i] && moment.Values[i] > moment.Values[best])
                best = i;
        }

        return best;
    }

    private static void Write(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(Math.Round(value, 4));
        else
            writer.WriteNullValue();
    }
}
