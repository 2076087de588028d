namespace Dqn.Orleans.Replay;

/// <summary>
/// Holds the ratio of transitions sampled to transitions inserted: whichever side is ahead waits for the other, actors until
/// they may insert, the learner until it may sample. Safe for concurrent use; nobody polls. Source: A. Cassirer et al.,
/// "Reverb: a framework for experience replay" (2021).
/// <para>
/// With i transitions inserted and s sampled, s stays within <see cref="ErrorBuffer"/> of
/// <see cref="SamplesPerInsert"/> · (i − <see cref="MinimumSize"/>). An insert is reserved first and reported when it has
/// happened; what was reserved counts against inserting at once, for sampling only when it is there. What an actor reserved and
/// will never insert, since it died, is given back for it. The one insert that reaches the minimum may be larger than the error
/// buffer has room for: it would otherwise wait for samples that wait for it.
/// </para>
/// </summary>
internal sealed partial class RateLimiter
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _reservations = []; // Of each actor that has one: how many transitions.
    private readonly LinkedList<Waiter> _inserting = [], _sampling = [];
    private long _inserted, _reserved, _sampled;

    /// <summary>Makes a limiter.</summary>
    /// <param name="samplesPerInsert">
    /// How often each transition is sampled on average, above 0: batch size ÷ steps between updates.
    /// </param>
    /// <param name="minimumSize">How many transitions are inserted before the first is sampled, at least 0.</param>
    /// <param name="errorBuffer">
    /// By how many samples the ratio may be missed either way. Twice this is room for inserts under way and the samples of a
    /// batch together: at least <see cref="LeastErrorBuffer"/>, and more where many actors insert at the same time.
    /// </param>
    /// <param name="inserted">How many had been inserted when what goes on now was saved.</param>
    /// <param name="sampled">How many had been sampled then.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public RateLimiter(double samplesPerInsert, long minimumSize, double errorBuffer, long inserted = 0, long sampled = 0)
    {
        if (!(samplesPerInsert > 0 && double.IsFinite(samplesPerInsert)))
            throw new ArgumentOutOfRangeException(nameof(samplesPerInsert), samplesPerInsert, "Expected a ratio above 0.");
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSize);
        if (!(errorBuffer > 0 && double.IsFinite(errorBuffer)))
            throw new ArgumentOutOfRangeException(nameof(errorBuffer), errorBuffer, "Expected an error buffer above 0.");
        ArgumentOutOfRangeException.ThrowIfNegative(inserted);
        ArgumentOutOfRangeException.ThrowIfNegative(sampled);
        (SamplesPerInsert, MinimumSize, ErrorBuffer) = (samplesPerInsert, minimumSize, errorBuffer);
        (_inserted, _sampled) = (inserted, sampled);
    }

    /// <summary>How often each transition is to be sampled on average.</summary>
    public double SamplesPerInsert { get; }

    /// <summary>How many transitions are inserted before the first is sampled.</summary>
    public long MinimumSize { get; }

    /// <summary>By how many samples the ratio may be missed either way.</summary>
    public double ErrorBuffer { get; }

    /// <summary>How many transitions have been inserted.</summary>
    public long InsertedCount => Read(ref _inserted);

    /// <summary>How many are about to be.</summary>
    public long ReservedCount => Read(ref _reserved);

    /// <summary>How many have been sampled.</summary>
    public long SampledCount => Read(ref _sampled);

    /// <summary>
    /// The smallest error buffer with which such inserts and samples never wait for each other.
    /// </summary>
    /// <param name="samplesPerInsert">The ratio.</param>
    /// <param name="insert">How many transitions an insert has at most.</param>
    /// <param name="sample">How many a sample has at most.</param>
    public static double LeastErrorBuffer(double samplesPerInsert, int insert, int sample) =>
        ((samplesPerInsert * insert) + sample) / 2;

    /// <summary>
    /// Reserves an insert, as soon as those that asked before have theirs and sampling has come near enough.
    /// </summary>
    /// <param name="actor">Whose: the key under which it can be given back.</param>
    /// <param name="transitions">How many, at least 1.</param>
    /// <param name="wait">How long to wait at most; 0 or less: not at all.</param>
    /// <param name="cancellation">Ends the wait; nothing is reserved then.</param>
    /// <returns>Whether it may insert; false: it has waited in vain and may ask again.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or could never be inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public ValueTask<bool> ReserveInsertAsync(
        long actor, int transitions, TimeSpan wait, CancellationToken cancellation = default)
    {
        RequireCount(transitions, SamplesPerInsert * transitions, nameof(transitions));
        cancellation.ThrowIfCancellationRequested();
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_inserting.Count == 0 && MayInsert(transitions))
            {
                Reserve(actor, transitions);
                return ValueTask.FromResult(true);
            }

            if (wait <= TimeSpan.Zero)
                return ValueTask.FromResult(false);
            node = _inserting.AddLast(new Waiter(actor, transitions));
        }

        return WaitAsync(_inserting, node, wait, cancellation);
    }

    /// <summary>Transitions have arrived in replay, whether or not they are still reserved.</summary>
    /// <param name="actor">Whose.</param>
    /// <param name="transitions">How many.</param>
    public void Inserted(long actor, int transitions)
    {
        lock (_lock)
        {
            Release(actor, transitions);
            _inserted += transitions;
            Proceed();
        }
    }

    /// <summary>Transitions that an actor had reserved will not come.</summary>
    /// <param name="actor">Whose.</param>
    /// <param name="transitions">How many; what is not reserved is passed over. Null: all that it has.</param>
    public void GiveBack(long actor, int? transitions = null)
    {
        lock (_lock)
        {
            Release(actor, transitions ?? long.MaxValue);
            Proceed();
        }
    }

    /// <summary>Waits until so many transitions may be sampled, and counts them as sampled.</summary>
    /// <param name="samples">How many, at least 1.</param>
    /// <param name="cancellation">Ends the wait; nothing is counted then.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or could never be sampled.</exception>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public ValueTask WaitToSampleAsync(int samples, CancellationToken cancellation = default)
    {
        RequireCount(samples, samples, nameof(samples));
        cancellation.ThrowIfCancellationRequested();
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_sampling.Count == 0 && MaySample(samples))
            {
                _sampled += samples;
                Proceed();
                return ValueTask.CompletedTask;
            }

            node = _sampling.AddLast(new Waiter(0, samples));
        }

        return new ValueTask(WaitAsync(_sampling, node, Timeout.InfiniteTimeSpan, cancellation).AsTask());
    }

    /// <summary>As <see cref="WaitToSampleAsync"/>; the thread sleeps meanwhile.</summary>
    public void WaitToSample(int samples, CancellationToken cancellation = default)
    {
        ValueTask wait = WaitToSampleAsync(samples, cancellation);
        if (wait.IsCompletedSuccessfully)
            wait.GetAwaiter().GetResult();
        else
            wait.AsTask().GetAwaiter().GetResult();
    }

    // How far sampling lags, in samples: 0 where the ratio is exactly held.
    private double Lag(long inserted) => (SamplesPerInsert * (inserted - MinimumSize)) - _sampled;

    // Below the minimum nothing is sampled, so nothing else could make room there.
    private bool MayInsert(long transitions) =>
        _inserted + _reserved < MinimumSize || Lag(_inserted + _reserved + transitions) <= ErrorBuffer;

    private bool MaySample(long samples) => _inserted >= MinimumSize && Lag(_inserted) - samples >= -ErrorBuffer;

    private void Reserve(long actor, long transitions)
    {
        _reserved += transitions;
        _reservations[actor] = _reservations.GetValueOrDefault(actor) + transitions;
    }

    private void Release(long actor, long transitions)
    {
        if (!_reservations.TryGetValue(actor, out long held))
            return;
        long released = Math.Min(held, transitions);
        _reserved -= released;
        if (released == held)
            _reservations.Remove(actor);
        else
            _reservations[actor] = held - released;
    }

    private long Read(ref long count)
    {
        lock (_lock)
            return count;
    }

    private void RequireCount(int count, double samples, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, name);
        if (samples > 2 * ErrorBuffer)
        {
            throw new ArgumentOutOfRangeException(
                name, count, $"Expected at most {2 * ErrorBuffer} samples' worth, got {samples}: make the error buffer larger, see " +
                $"{nameof(RateLimiter)}.{nameof(LeastErrorBuffer)}.");
        }
    }
}
