using System.Collections.Concurrent;

namespace Dqn.Orleans.Replay;

/// <summary>The shards that there are now. Safe for concurrent use.</summary>
internal sealed class ShardSet
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<int, ShardLink> _bySlot = [];
    private volatile ShardLink[] _links = []; // Replaced, never changed.
    private TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _nextSlot;

    /// <summary>The shards, in the order in which they came.</summary>
    public ReadOnlySpan<ShardLink> Links => _links;

    /// <summary>Adds a shard; one of the same name goes.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="make">Makes its link, given a slot that no other shard has.</param>
    public void Add(string id, Func<int, ShardLink> make)
    {
        ShardLink link;
        lock (_lock)
        {
            Remove(id); // Nobody runs inside the lock: waiters go on elsewhere.
            if (_bySlot.Count == TransitionIds.Slots)
                throw new InvalidOperationException($"Expected at most {TransitionIds.Slots} shards.");
            while (_bySlot.ContainsKey(_nextSlot))
                _nextSlot = (_nextSlot + 1) % TransitionIds.Slots;
            link = make(_nextSlot);
            _nextSlot = (_nextSlot + 1) % TransitionIds.Slots;
            _bySlot[link.Slot] = link;
            _links = [.. _links, link];
        }

        link.Start();
    }

    /// <summary>Removes a shard, if there is one of that name.</summary>
    public void Remove(string id)
    {
        lock (_lock)
        {
            if (Array.Find(_links, link => link.Id == id) is not { } link)
                return;
            _links = [.. _links.Where(other => other != link)];
            _bySlot.TryRemove(link.Slot, out _);
            link.Stop();
        }
    }

    /// <summary>The shard that has a slot, or null.</summary>
    public ShardLink? Find(int slot) => _bySlot.GetValueOrDefault(slot);

    /// <summary>Some shard has something to draw from.</summary>
    public void Filled()
    {
        lock (_lock)
            _filled.TrySetResult();
    }

    /// <summary>Ends when some shard has something to draw from.</summary>
    public Task WaitUntilFilledAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            // What fills after this look calls Filled, which waits for the lock.
            if (_filled.Task.IsCompleted)
                _filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (ShardLink link in _links)
                if (link.LikelihoodSum > 0)
                    return Task.CompletedTask;
            return _filled.Task.WaitAsync(cancellation);
        }
    }
}
