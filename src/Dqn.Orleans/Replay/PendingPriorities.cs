namespace Dqn.Orleans.Replay;

/// <summary>Corrected priorities that wait to be sent to a shard in one message; no more than there is room for.</summary>
/// <param name="capacity">How many, at least 1.</param>
internal sealed class PendingPriorities(int capacity)
{
    private readonly long[] _ids = new long[capacity];
    private readonly float[] _tdErrors = new float[capacity];

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one.</summary>
    /// <returns>Whether there was room.</returns>
    public bool TryAdd(long id, float tdError)
    {
        if (Count == capacity)
            return false;
        (_ids[Count], _tdErrors[Count]) = (id, tdError);
        Count++;
        return true;
    }

    /// <summary>Takes all of them, as a message.</summary>
    public PriorityUpdate Take()
    {
        var update = new PriorityUpdate { Ids = _ids[..Count], TdErrors = _tdErrors[..Count] };
        Count = 0;
        return update;
    }
}
