namespace Dqn.Orleans.Replay;

/// <content>
/// Corrected priorities on their way to the shard. One message is under way at a time, and what comes meanwhile waits for the
/// next; where there is no more room, or the shard does not answer, they are dropped and counted: the old priorities stay.
/// </content>
internal sealed partial class ShardLink
{
    private readonly PendingPriorities _pending;
    private bool _sending;
    private long _droppedUpdates;

    /// <summary>Takes the corrected priority of one of the shard's transitions; <see cref="SendPriorities"/> sends it.</summary>
    public void AddPriority(long idAtShard, float tdError)
    {
        lock (_lock)
            if (!_pending.TryAdd(idAtShard, tdError))
                _droppedUpdates++;
    }

    /// <summary>Sends what waits, or lets it wait until what is under way has arrived.</summary>
    public void SendPriorities()
    {
        lock (_lock)
        {
            if (_sending || _pending.Count == 0)
                return;
            _sending = true;
        }

        _ = Task.Run(SendAsync);
    }

    private async Task SendAsync()
    {
        while (Take() is { } update)
        {
            try
            {
                await _shard.UpdatePriorities(update).AsTask().WaitAsync(_options.Timeout, _stop).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Drop(update);
                Fail(e);
            }
        }
    }

    private PriorityUpdate? Take()
    {
        lock (_lock)
        {
            if (_pending.Count > 0)
            {
                PriorityUpdate update = _pending.Take();
                if (_answers && !_stop.IsCancellationRequested)
                    return update;
                _droppedUpdates += update.Ids.Length;
            }

            _sending = false;
            return null;
        }
    }

    private void Drop(PriorityUpdate update)
    {
        lock (_lock)
            _droppedUpdates += update.Ids.Length;
    }
}
