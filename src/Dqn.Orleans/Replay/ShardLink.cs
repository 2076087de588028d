namespace Dqn.Orleans.Replay;

/// <summary>
/// The learner's end of one shard: knows what the shard has, asks it for transitions, sends it corrected priorities. A shard
/// that fails or does not answer in time is left alone for a while, longer each time, until it says again what it has. Safe for
/// concurrent use; nothing throws for the shard's sake.
/// </summary>
internal sealed partial class ShardLink
{
    private readonly Lock _lock = new();
    private readonly IReplayShard _shard;
    private readonly SegmentFormat _format;
    private readonly ShardedReplayOptions _options;
    private readonly Action<ShardLink, Exception> _failed;
    private readonly Action _filled;
    private readonly CancellationTokenSource _detached;
    private readonly CancellationToken _stop;
    private ShardTotals _totals;
    private bool _answers;
    private int _failures; // In a row; what ends the row is a sample.
    private long _retryAt; // In milliseconds of the system's clock.

    /// <summary>Makes a link; nothing is asked before <see cref="Start"/>.</summary>
    /// <param name="id">The shard's name.</param>
    /// <param name="slot">See <see cref="TransitionIds"/>.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="format">What its answers look like.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="failed">Told when the shard is left out and why.</param>
    /// <param name="filled">Called when the shard is found to have something to draw from.</param>
    /// <param name="stop">Ends everything.</param>
    public ShardLink(
        string id, int slot, IReplayShard shard, SegmentFormat format, ShardedReplayOptions options,
        Action<ShardLink, Exception> failed, Action filled, CancellationToken stop)
    {
        (Id, Slot, _shard, _format, _options, _failed, _filled) = (id, slot, shard, format, options, failed, filled);
        _detached = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stop = _detached.Token;
        _pending = new PendingPriorities(checked(options.BatchSize * options.PendingBatches));
    }

    /// <summary>The shard's name.</summary>
    public string Id { get; }

    /// <summary>Whose transitions have this in their numbers: <see cref="TransitionIds"/>.</summary>
    public int Slot { get; }

    /// <summary>How many transitions can be drawn from the shard; 0 while it does not answer.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
                return _answers ? _totals.Count : 0;
        }
    }

    /// <summary>The length of the shard's piece of the line of all likelihoods; 0 while it does not answer.</summary>
    public double LikelihoodSum
    {
        get
        {
            lock (_lock)
                return _answers ? _totals.LikelihoodSum : 0;
        }
    }

    /// <summary>How the shard looks now.</summary>
    public ShardState State
    {
        get
        {
            lock (_lock)
                return new ShardState(Id, _totals, _answers, _droppedUpdates);
        }
    }

    /// <summary>Begins to ask the shard what it has, again and again.</summary>
    public void Start() => _ = WatchAsync();

    /// <summary>Ends everything; calls under way return at once, without a result.</summary>
    public void Stop() => _ = StopAsync();

    /// <summary>Asks for transitions.</summary>
    /// <returns>As many as were asked for; null where the shard had none, failed, or did not answer in time.</returns>
    public async Task<SampledTransitions?> SampleAsync(SampleRequest request)
    {
        try
        {
            SampledTransitions sampled = await InTime(_shard.Sample(request).AsTask()).ConfigureAwait(false);
            if (!sampled.Fits(_format, request.Draws.Length) || (sampled.Count == 0 && sampled.Totals.LikelihoodSum > 0))
            {
                throw new InvalidDataException(
                    $"Expected {request.Draws.Length} transitions of {_format} from the shard {Id}, got {sampled.Count} of another form. " +
                    "Run the same version with the same options and environment on every machine.");
            }

            Accept(sampled.Totals, isSample: true);
            return sampled.Count == 0 ? null : sampled;
        }
        catch (Exception e)
        {
            Fail(e);
            return null;
        }
    }

    private async Task StopAsync()
    {
        await _detached.CancelAsync().ConfigureAwait(false); // Whoever waits goes on in another thread.
        _detached.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Accept(await InTime(_shard.Totals().AsTask()).ConfigureAwait(false), isSample: false);
            }
            catch (Exception e)
            {
                Fail(e);
            }

            await Task.Delay(UntilNextLook(), _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private TimeSpan UntilNextLook()
    {
        lock (_lock)
        {
            var pause = TimeSpan.FromMilliseconds(_retryAt - Environment.TickCount64);
            return _answers || pause < _options.TotalsInterval ? _options.TotalsInterval : pause;
        }
    }

    private Task<T> InTime<T>(Task<T> call) => call.WaitAsync(_options.Timeout, _stop);

    private void Accept(ShardTotals totals, bool isSample)
    {
        if (!(totals.LikelihoodSum >= 0 && double.IsFinite(totals.LikelihoodSum)))
            throw new InvalidDataException($"Expected a sum of likelihoods at least 0 from the shard {Id}, got {totals}.");
        bool filled;
        lock (_lock)
        {
            if (isSample)
                _failures = 0;
            _totals = totals;
            _answers = _answers || Environment.TickCount64 >= _retryAt;
            filled = _answers && totals.LikelihoodSum > 0;
        }

        if (filled)
            _filled();
    }

    private void Fail(Exception exception)
    {
        if (_stop.IsCancellationRequested)
            return; // It did not fail: nobody waits any more.
        bool answered;
        lock (_lock)
        {
            double pause = _options.TotalsInterval.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, 20));
            _retryAt = Environment.TickCount64 + (long)Math.Min(pause, _options.Timeout.TotalMilliseconds);
            (answered, _answers) = (_answers || _failures == 1, false);
        }

        if (answered)
            _failed(this, exception);
    }
}
