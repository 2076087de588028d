using System.Text.Json;

namespace Dqn.Watching;

/// <summary>The run's curves by name: written by the thread that trains, read by those that serve.</summary>
internal sealed class SeriesStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Grows with every point.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Takes a point.</summary>
    public void Add(string name, long step, double value)
    {
        lock (_lock)
        {
            if (!_series.TryGetValue(name, out Series? series))
                _series[name] = series = new Series();
            series.Add(step, value);
            _version++;
        }
    }

    /// <summary>The last value of a curve; NaN before the first.</summary>
    public double Last(string name)
    {
        lock (_lock)
            return _series.TryGetValue(name, out Series? series) && series.Points is [.., var last] ? last.Value : double.NaN;
    }

    /// <summary>Writes {"name": [[step, value], …]} of what a reader has not had yet.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="sent">The last step that the reader has of each curve; brought up to date.</param>
    public void WriteNew(Utf8JsonWriter writer, Dictionary<string, long> sent)
    {
        writer.WriteStartObject();
        lock (_lock)
        {
            foreach ((string name, Series series) in _series)
            {
                int first = series.IndexAfter(sent.GetValueOrDefault(name, long.MinValue));
                if (first == series.Points.Count)
                    continue;
                writer.WriteStartArray(name);
                for (int i = first; i < series.Points.Count; i++)
                {
                    (long step, double value) = series.Points[i];
                    writer.WriteStartArray();
                    writer.WriteNumberValue(step);
                    writer.WriteNumberValue(Math.Round(value, 6));
                    writer.WriteEndArray();
                }

                writer.WriteEndArray();
                sent[name] = series.Points[^1].Step;
            }
        }

        writer.WriteEndObject();
    }
}
