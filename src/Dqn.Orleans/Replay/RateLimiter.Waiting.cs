namespace Dqn.Orleans.Replay;

/// <content>Who waits, in the order in which they came.</content>
internal sealed partial class RateLimiter
{
    /// <summary>Lets those go on that may: each queue's first, then the next. Samples may make room for inserts.</summary>
    private void Proceed()
    {
        while (_sampling.First is { } node && MaySample(node.Value.Count))
        {
            _sampled += node.Value.Count;
            Admit(_sampling, node);
        }

        while (_inserting.First is { } node && MayInsert(node.Value.Count))
        {
            Reserve(node.Value.Actor, node.Value.Count);
            Admit(_inserting, node);
        }
    }

    private static void Admit(LinkedList<Waiter> queue, LinkedListNode<Waiter> node)
    {
        queue.Remove(node);
        node.Value.Admission.SetResult();
    }

    private async ValueTask<bool> WaitAsync(
        LinkedList<Waiter> queue, LinkedListNode<Waiter> node, TimeSpan wait, CancellationToken cancellation)
    {
        Task admission = node.Value.Admission.Task;
        await admission.WaitAsync(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (node.List is null)
                return true; // Admitted, maybe at the last moment.
            queue.Remove(node);
            Proceed(); // Who comes next may want less.
        }

        cancellation.ThrowIfCancellationRequested();
        return false;
    }

    private readonly struct Waiter(long actor, long count)
    {
        public long Actor { get; } = actor;

        public long Count { get; } = count;

        // Continuations run elsewhere: admitting happens inside the lock.
        public TaskCompletionSource Admission { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
