namespace Dqn.Watching;

/// <summary>The last 500 things that happened, with their time.</summary>
internal sealed class RunLog
{
    private const int Capacity = 500;

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset Time, string Text)> _lines = new();
    private long _count;

    /// <summary>How many lines have come, those no longer kept included.</summary>
    public long Count => Volatile.Read(ref _count);

    public void Add(string text, DateTimeOffset? time = null)
    {
        lock (_lock)
        {
            if (_lines.Count == Capacity)
                _lines.Dequeue();
            _lines.Enqueue((time ?? DateTimeOffset.UtcNow, text));
            _count++;
        }
    }

    /// <summary>What came after the first <paramref name="seen"/> lines; <paramref name="seen"/> is brought up to date.</summary>
    public (DateTimeOffset Time, string Text)[] After(ref long seen)
    {
        lock (_lock)
        {
            int wanted = (int)Math.Min(_count - seen, _lines.Count);
            seen = _count;
            return [.. _lines.Skip(_lines.Count - wanted)];
        }
    }
}
