using System.Diagnostics;
using System.Threading.Channels;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// The learner's replay: spread over shards that come and go, drawn from as if it were one buffer with all their transitions.
/// Batches are drawn ahead by tasks in the background, so that <see cref="Sample"/> returns at once where the shards keep up; a
/// shard that fails or is slow is left out, and the learner never sees an exception for it. Attaching and detaching are safe at
/// any time; the rest is for one thread.
/// </summary>
internal sealed class ShardedReplay : IReplaySource, IAsyncDisposable
{
    private readonly SegmentFormat _format;
    private readonly ShardedReplayOptions _options;
    private readonly Action<string, Exception>? _failed;
    private readonly Pcg64 _seeds;
    private readonly ShardSet _shards = new();
    private readonly CancellationTokenSource _disposed;
    private readonly CancellationToken _stop;

    // A task takes a permit, draws a group of batches, and puts it into the channel; whoever takes its last batch gives the
    // permit back.
    private readonly PrefetchPlan _plan;
    private readonly SemaphoreSlim _permits;
    private readonly Channel<DrawnBatches> _ready = Channel.CreateUnbounded<DrawnBatches>(new() { SingleReader = true });
    private Task[] _drawing = [];
    private DrawnBatches? _taken;
    private long _waitTicks;
    private bool _isDisposed;

    /// <summary>Makes replay without a shard.</summary>
    /// <param name="format">What segments and answers look like; its steps are those of every sample.</param>
    /// <param name="options">What is drawn, and how patiently.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="failed">
    /// Told in the background when a shard is left out, and why. It is asked again by itself; detaching it is for whoever knows that
    /// it is gone.
    /// </param>
    /// <param name="cancellation">Ends a <see cref="Sample"/> that waits, and everything in the background.</param>
    public ShardedReplay(
        SegmentFormat format, ShardedReplayOptions options, ulong seed, Action<string, Exception>? failed = null,
        CancellationToken cancellation = default)
    {
        (_format, _seeds, _failed) = (format, new Pcg64(seed), failed);
        _plan = PrefetchPlan.Of(options.PrefetchedBatches, format, options.BatchSize);
        _options = options with { PendingBatches = Math.Max(options.PendingBatches, _plan.Batches) };
        _permits = new SemaphoreSlim(_plan.Groups);
        _disposed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _stop = _disposed.Token;
    }

    /// <inheritdoc/>
    public ReplayBuffer? Local => null;

    /// <inheritdoc/>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (ShardLink link in _shards.Links)
                count += link.Count;
            return count;
        }
    }

    /// <inheritdoc/>
    public int ObservationBytes => _format.ObservationBytes;

    /// <inheritdoc/>
    public int MaskedActions => _format.MaskedActions;

    /// <inheritdoc/>
    public bool IsPrioritized => _options.Prioritized is not null;

    /// <summary>How each shard looks now.</summary>
    public IReadOnlyList<ShardState> Shards
    {
        get
        {
            ReadOnlySpan<ShardLink> links = _shards.Links;
            var states = new ShardState[links.Length];
            for (int i = 0; i < states.Length; i++)
                states[i] = links[i].State;
            return states;
        }
    }

    /// <summary>How many samples found no batch ready.</summary>
    public long Waits { get; private set; }

    /// <summary>For how long they waited, together.</summary>
    public TimeSpan WaitTime => Stopwatch.GetElapsedTime(0, _waitTicks);

    /// <summary>Takes in a shard; one of the same name goes, whose transitions' numbers mean nothing from then on.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="shard">The shard; its calls may fail or never return.</param>
    public void Attach(string id, IReplayShard shard) => _shards.Add(
        id, slot => new ShardLink(
            id, slot, shard, _format, _options, (link, exception) => _failed?.Invoke(link.Id, exception), _shards.Filled, _stop));

    /// <summary>Lets a shard go, if there is one of that name; batches that wait for it no longer do.</summary>
    public void Detach(string id) => _shards.Remove(id);

    /// <summary>
    /// Takes the oldest batch drawn ahead, whatever <paramref name="random"/> would draw; the first call starts the drawing.
    /// Waits where there is none, as long as no shard has anything.
    /// </summary>
    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException">The wait was ended, or replay is disposed.</exception>
    public void Sample(
        Pcg64 random, TransitionBatch batch, int steps = 1, double discount = 1, double? importanceExponent = null,
        BatchObservations observations = BatchObservations.Both)
    {
        Require(batch, steps, discount);
        double beta = IsPrioritized ? importanceExponent ?? _options.Prioritized!.ImportanceExponent : 0;
        if (!(beta is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(importanceExponent), beta, "Expected an exponent 0 … 1.");
        _stop.ThrowIfCancellationRequested();
        if (_drawing.Length == 0)
            _drawing = [.. Enumerable.Range(0, _plan.Groups).Select(_ => Draw())];

        _taken ??= Next();
        _taken.Take(batch, beta, observations);
        if (_taken.IsEmpty)
        {
            _taken = null;
            _permits.Release();
        }
    }

    /// <summary>
    /// Passes errors on to the shards, in the background. What a shard cannot take is dropped and counted:
    /// <see cref="ShardState.DroppedUpdates"/>.
    /// </summary>
    /// <inheritdoc/>
    public void UpdatePriorities(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors)
    {
        if (ids.Length != tdErrors.Length)
        {
            throw new ArgumentException(
                $"Expected as many errors as transitions, {ids.Length}, got {tdErrors.Length}.", nameof(tdErrors));
        }

        foreach (float tdError in tdErrors)
            if (!float.IsFinite(tdError))
                throw new ArgumentException($"Expected finite errors, got {tdError}.", nameof(tdErrors));
        if (!IsPrioritized)
            return;
        for (int i = 0; i < ids.Length; i++)
            _shards.Find(TransitionIds.Slot(ids[i]))?.AddPriority(TransitionIds.AtShard(ids[i]), tdErrors[i]);
        foreach (ShardLink link in _shards.Links)
            link.SendPriorities();
    }

    /// <summary>Ends everything in the background and waits until no batch is being drawn.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await _disposed.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_drawing).ConfigureAwait(false);
        _disposed.Dispose();
        _permits.Dispose();
    }

    private DrawnBatches Next()
    {
        if (_ready.Reader.TryRead(out DrawnBatches? drawn))
            return drawn;
        Waits++;
        long start = Stopwatch.GetTimestamp();
        while (!_ready.Reader.TryRead(out drawn))
            _ready.Reader.WaitToReadAsync(_stop).AsTask().GetAwaiter().GetResult();
        _waitTicks += Stopwatch.GetTimestamp() - start;
        return drawn;
    }

    private Task Draw()
    {
        var drawing = new BatchDrawing(_shards, _format, _options, _plan.GroupSize, new Pcg64(_seeds.NextUInt64()));
        return Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    await _permits.WaitAsync(_stop).ConfigureAwait(false);
                    await _ready.Writer.WriteAsync(await drawing.DrawAsync(_stop).ConfigureAwait(false), _stop).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                _ready.Writer.TryComplete(e); // The learner learns of it: it would wait in vain.
            }
        });
    }

    private void Require(TransitionBatch batch, int steps, double discount)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Size != _options.BatchSize || batch.ObservationBytes != ObservationBytes || batch.MaskedActions != MaskedActions)
        {
            throw new ArgumentException(
                $"Expected a batch of {_options.BatchSize} {ObservationBytes}-byte observations with masks of {MaskedActions} actions, " +
                $"got one of {batch.Size} of {batch.ObservationBytes} with {batch.MaskedActions}.", nameof(batch));
        }

        if (steps != _format.Steps || discount != _options.Discount)
        {
            throw new ArgumentException(
                $"Expected {_format.Steps} steps and the discount {_options.Discount}, for which batches are drawn ahead, got {steps} and " +
                $"{discount}.", nameof(steps));
        }
    }
}
