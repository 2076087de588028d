using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Replay;

/// <summary>
/// A <see cref="ReplayBuffer"/> that draws transitions in proportion to how much there was to learn from them: see
/// <see cref="PrioritizedReplayOptions"/>. Each frame takes 16 bytes more, at once.
/// </summary>
public sealed partial class PrioritizedReplayBuffer : IReplay
{
    private ReplayPriorities _priorities;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">How many frames' transitions are kept, 1 … 2²⁹, as in <see cref="ReplayBuffer"/>.</param>
    /// <param name="frameBytes">The bytes of one frame, at least 1.</param>
    /// <param name="stackedFrames">How many frames an observation shows, at least 1.</param>
    /// <param name="lanes">How many environments act in turn, each with episodes of its own, at least 1.</param>
    /// <param name="options">How transitions are prioritized; null for the defaults.</param>
    /// <param name="maskedActions">How many actions' legality is kept with each observation; 0: all are always legal.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public PrioritizedReplayBuffer(
        long capacity, int frameBytes, int stackedFrames, int lanes = 1, PrioritizedReplayOptions? options = null,
        int maskedActions = 0)
        : this(new ReplayBuffer(capacity, frameBytes, stackedFrames, lanes, maskedActions), options)
    {
    }

    /// <summary>Takes an empty buffer, for the transitions.</summary>
    internal PrioritizedReplayBuffer(ReplayBuffer transitions, PrioritizedReplayOptions? options)
    {
        (Local, Options) = (transitions, options ?? new PrioritizedReplayOptions());
        if (Capacity > SumTree.MaxLeaves)
        {
            throw new ArgumentOutOfRangeException(
                "capacity", Capacity, $"Expected at most {SumTree.MaxLeaves} frames in a prioritized buffer.");
        }

        _priorities = new ReplayPriorities((int)Capacity, Options);
    }

    /// <summary>How transitions are prioritized.</summary>
    public PrioritizedReplayOptions Options { get; }

    /// <summary>The transitions. Whoever adds to this alone adds what is never drawn.</summary>
    public ReplayBuffer Local { get; }

    /// <inheritdoc/>
    public long Capacity => Local.Capacity;

    /// <inheritdoc/>
    public long Count => Local.Count;

    /// <inheritdoc/>
    public int ObservationBytes => Local.ObservationBytes;

    /// <inheritdoc/>
    public int Lanes => Local.Lanes;

    /// <inheritdoc/>
    public int MaskedActions => Local.MaskedActions;

    /// <inheritdoc/>
    public bool IsPrioritized => true;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<byte> observation, int lane = 0, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Local.Enter();
        Local.Begin(observation, lane, legalActions);
        Prioritize(lane);
    }

    /// <inheritdoc/>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation, int lane = 0,
        ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Local.Enter();
        Local.Add(action, reward, terminated, truncated, nextObservation, lane, nextLegalActions);
        Prioritize(lane);
    }

    /// <summary>
    /// Fills the batch with transitions drawn in proportion to their priorities. The priorities' sum is cut into as many equal
    /// pieces, and each piece gives one, so that a batch has about its share of every kind. One <c>random.NextDouble()</c> per
    /// transition.
    /// </summary>
    /// <inheritdoc/>
    public void Sample(
        Pcg64 random, TransitionBatch batch, int steps = 1, double discount = 1, double? importanceExponent = null,
        BatchObservations observations = BatchObservations.Both)
    {
        ArgumentNullException.ThrowIfNull(random);
        using SingleCaller.Visit visit = Local.Enter();
        double beta = importanceExponent ?? Options.ImportanceExponent;
        Local.RequireSamplable(batch, steps, discount, beta);
        for (int i = 0; i < batch.Size; i++)
            batch.Ids[i] = Local.IdInSlot(_priorities.DrawSlot(random, i, batch.Size));
        _priorities.Weights(batch.Ids, beta, batch.Weights);
        Local.Rebuild(batch, steps, discount, observations);
    }

    /// <inheritdoc/>
    public void UpdatePriorities(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors)
    {
        using SingleCaller.Visit visit = Local.Enter();
        ReplayPriorities.Require(ids, tdErrors);
        for (int i = 0; i < ids.Length; i++)
            if (Local.HasTransition(ids[i]))
                _priorities.Update(ids[i], tdErrors[i]);
    }

    /// <summary>A frame has come to a lane: the one before it is among those that can be drawn, or certainly not.</summary>
    private void Prioritize(int lane)
    {
        if (Local.IdBeforeNewest(lane) is not { } id)
            return;
        if (Local.HasTransition(id))
            _priorities.Add(id);
        else
            _priorities.Remove(id);
    }
}
