using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Replay;

/// <summary>
/// The agent's memory, of which all transitions are drawn alike: single frames from which sampling rebuilds stacked
/// observations, so that each frame is stored once however many observations show it. Source: V. Mnih et al.,
/// "Human-level control through deep reinforcement learning" (2015), with the frames shared.
/// <para>
/// Each environment that acts for the learner has a lane: a ring of frames of its own, in which the frame that followed
/// another lies beside it. An episode of n transitions takes n + 1 places, the last of which keeps the frame after its
/// end, whether it terminated or was truncated. Sampled from are the transitions that begin at each lane's last
/// <see cref="Capacity"/> ÷ <see cref="Lanes"/> frames before its newest; so <see cref="Count"/> is exactly what can be
/// sampled. One place costs a frame and 9 bytes, with <see cref="MaskedActions"/> a bit for each more, and each lane has a
/// few places more than its share of the capacity.
/// </para>
/// <para>
/// Memory comes in segments as the buffer fills. Not safe for concurrent use: a call while another thread's has not
/// returned throws <see cref="InvalidOperationException"/>.
/// </para>
/// </summary>
public sealed partial class ReplayBuffer : IReplay
{
    // Segments are also what a checkpoint writes anew or leaves alone: small enough to leave most of the buffer alone,
    // large enough that a million frames are not thousands of pieces.
    private const int SegmentBytes = 8 << 20;
    private const int MaxSegmentPlaces = 1 << 16;

    // Lane l's frame n has the id n · lanes + l: unique over all lanes, growing within each. And since a lane keeps the
    // transitions of capacity ÷ lanes frames in a row, no two kept transitions agree in id mod capacity.
    private readonly FrameRing[] _lanes;
    private readonly int _segmentPlaces;
    private SingleCaller _caller;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">
    /// How many frames' transitions are kept, at least 1, over all lanes: each has the same share, so it is rounded up
    /// to a multiple of <paramref name="lanes"/>. Each episode's last frame is one of them without a transition.
    /// </param>
    /// <param name="frameBytes">The bytes of one frame, at least 1: 7,056 for 84 × 84 grey, 4 per feature.</param>
    /// <param name="stackedFrames">How many frames an observation shows, at least 1.</param>
    /// <param name="lanes">How many environments act in turn, each with episodes of its own, at least 1.</param>
    /// <param name="maskedActions">
    /// How many actions' legality is kept with each observation; 0, the default: all actions are always legal.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public ReplayBuffer(long capacity, int frameBytes, int stackedFrames, int lanes = 1, int maskedActions = 0)
        : this(capacity, frameBytes, stackedFrames, lanes, maskedActions, SegmentPlaces(frameBytes))
    {
    }

    /// <summary>As the public one, with the places per segment (a power of two) chosen by a test.</summary>
    internal ReplayBuffer(
        long capacity, int frameBytes, int stackedFrames, int lanes, int maskedActions, int segmentPlaces)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stackedFrames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maskedActions);
        if ((long)frameBytes * stackedFrames > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stackedFrames), stackedFrames,
                $"Expected at most {Array.MaxLength / frameBytes} stacked frames of {frameBytes} bytes.");
        }

        long laneCapacity = (capacity - 1) / lanes + 1;
        long laneSegments = (FrameRing.Places(laneCapacity, stackedFrames) - 1) / segmentPlaces + 1;
        if (laneSegments > Array.MaxLength / lanes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity,
                $"Expected at most {(long)(Array.MaxLength / lanes) * lanes * segmentPlaces} frames.");
        }

        Capacity = laneCapacity * lanes;
        FrameBytes = frameBytes;
        StackedFrames = stackedFrames;
        MaskedActions = maskedActions;
        _segmentPlaces = segmentPlaces;
        _lanes = new FrameRing[lanes];
        for (int i = 0; i < lanes; i++)
            _lanes[i] = new FrameRing(laneCapacity, frameBytes, stackedFrames, maskedActions, segmentPlaces);
        (_rebuildOne, _rebuildNextOne) = (RebuildOne, RebuildNextOne);
    }

    /// <inheritdoc/>
    public ReplayBuffer Local => this;

    /// <inheritdoc/>
    public long Capacity { get; }

    /// <summary>The bytes of one frame.</summary>
    public int FrameBytes { get; }

    /// <summary>How many frames an observation shows.</summary>
    public int StackedFrames { get; }

    /// <inheritdoc/>
    public int Lanes => _lanes.Length;

    /// <inheritdoc/>
    public int ObservationBytes => FrameBytes * StackedFrames;

    /// <inheritdoc/>
    public int MaskedActions { get; }

    /// <inheritdoc/>
    public bool IsPrioritized => false;

    /// <inheritdoc/>
    public long Count
    {
        get
        {
            long count = 0;
            foreach (FrameRing lane in _lanes)
                count += lane.Count;
            return count;
        }
    }

    /// <summary>The memory that frames, actions, rewards, flags and masks take now.</summary>
    public long AllocatedBytes
    {
        get
        {
            long bytes = 0;
            foreach (FrameRing lane in _lanes)
                bytes += lane.AllocatedBytes;
            return bytes;
        }
    }

    /// <summary>How many actions there are: a saved one must be below.</summary>
    internal int ActionCount { get; init; } = int.MaxValue;

    /// <summary>Whether frames are 32-bit floats, which must then be finite when they are loaded.</summary>
    internal bool FramesAreSingles { get; init; }

    /// <summary>Another number whenever transitions' numbers may stand for other transitions: after loading.</summary>
    internal int Generation { get; private set; }

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<byte> observation, int lane = 0, ReadOnlySpan<bool> legalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfIncomplete();
        ReadOnlySpan<byte> frame = NewestFrame(observation);
        for (int i = 0; i < StackedFrames - 1; i++)
        {
            if (!observation.Slice(i * FrameBytes, FrameBytes).SequenceEqual(frame))
            {
                throw new ArgumentException(
                    $"Expected an episode's first frame {StackedFrames} times, got another one at {i} of the stack.",
                    nameof(observation));
            }
        }

        RequireMask(legalActions, mayBeNone: false, nameof(legalActions));
        Lane(lane).Begin(frame, legalActions);
    }

    /// <inheritdoc/>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation, int lane = 0,
        ReadOnlySpan<bool> nextLegalActions = default)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfIncomplete();
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        if (!float.IsFinite(reward))
            throw new ArgumentOutOfRangeException(nameof(reward), reward, "Expected a finite reward.");
        ReadOnlySpan<byte> frame = NewestFrame(nextObservation);
        RequireMask(nextLegalActions, mayBeNone: terminated, nameof(nextLegalActions));
        FrameRing ring = Lane(lane);
        if (MaskedActions > 0 && ring.InEpisode && ((uint)action >= (uint)MaskedActions || !ring.IsLegal(ring.Newest, action)))
        {
            throw new ArgumentException(
                $"Expected an action that was legal when it was taken, got {action}: its mask came with the observation before.",
                nameof(action));
        }

        ring.Add(action, reward, terminated, truncated, frame, nextLegalActions);
    }

    /// <summary>
    /// Fills the batch with transitions drawn uniformly over all lanes, independently, with replacement. Draws per
    /// transition <c>random.Integer(n)</c>, n being the frames that transitions can begin at, the first lane's first,
    /// until the frame drawn has one.
    /// </summary>
    /// <inheritdoc/>
    public void Sample(
        Pcg64 random, TransitionBatch batch, int steps = 1, double discount = 1, double? importanceExponent = null,
        BatchObservations observations = BatchObservations.Both)
    {
        ArgumentNullException.ThrowIfNull(random);
        using SingleCaller.Visit visit = Enter();
        RequireSamplable(batch, steps, discount, importanceExponent ?? 0);
        batch.Weights.Fill(1);
        long frames = 0;
        foreach (FrameRing ring in _lanes)
            frames += ring.FramesBeforeNewest;
        foreach (ref long id in batch.Ids)
        {
            do
                id = IdAt(random.Integer(frames));
            while ((Locate(id, out long frame).Flags(frame) & ReplayFlags.Transition) == 0);
        }

        Rebuild(batch, steps, discount, observations);
    }

    /// <summary>Checks the arguments, does nothing: all transitions are drawn alike.</summary>
    /// <inheritdoc/>
    public void UpdatePriorities(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors) =>
        ReplayPriorities.Require(ids, tdErrors);

    /// <summary>Whether a transition of this number is kept.</summary>
    internal bool HasTransition(long id) => id >= 0 && Locate(id, out long frame).HasTransition(frame);

    /// <summary>The number of the frame before a lane's newest, or null.</summary>
    internal long? IdBeforeNewest(int lane) =>
        _lanes[lane].FramesBeforeNewest == 0 ? null : (_lanes[lane].Newest - 1) * Lanes + lane;

    /// <summary>The numbers of a lane's frames that transitions can begin at, oldest first.</summary>
    internal IEnumerable<long> IdsBeforeNewest(int lane)
    {
        for (long frame = _lanes[lane].Oldest; frame < _lanes[lane].Newest; frame++)
            yield return frame * Lanes + lane;
    }

    /// <summary>The number of the one frame that transitions can begin at that is this modulo <see cref="Capacity"/>.</summary>
    internal long IdInSlot(int slot)
    {
        long place = Math.DivRem(slot, Lanes, out int lane);
        FrameRing ring = _lanes[lane];
        long behind = (place - ring.Oldest) % ring.Capacity;
        return (ring.Oldest + (behind < 0 ? behind + ring.Capacity : behind)) * Lanes + lane;
    }

    /// <summary>Throws what <see cref="IReplaySource.Sample"/> says of its arguments.</summary>
    internal void RequireSamplable(TransitionBatch batch, int steps, double discount, double importanceExponent)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!(discount is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(discount), discount, "Expected a discount 0 … 1.");
        if (!(importanceExponent is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(importanceExponent), importanceExponent, "Expected an exponent 0 … 1.");
        }

        ThrowIfIncomplete();
        if (batch.ObservationBytes != ObservationBytes || batch.MaskedActions != MaskedActions)
        {
            throw new ArgumentException(
                $"Expected a batch of {ObservationBytes}-byte observations with masks of {MaskedActions} actions, got one " +
                $"of {batch.ObservationBytes} with {batch.MaskedActions}.", nameof(batch));
        }

        if (Count == 0)
            throw new InvalidOperationException("Expected a transition to sample; the replay buffer has none.");
    }

    internal SingleCaller.Visit Enter() => _caller.Enter(
        nameof(ReplayBuffer), "For many threads, give each a lane and let one pass their steps on in turn.");

    private static int SegmentPlaces(int frameBytes) =>
        Math.Clamp(1 << int.Log2(Math.Max(1, SegmentBytes / Math.Max(1, frameBytes))), 1, MaxSegmentPlaces);

    /// <summary>The id of one of the frames that transitions can begin at, counted lane after lane.</summary>
    private long IdAt(long index)
    {
        int lane = 0;
        for (; index >= _lanes[lane].FramesBeforeNewest; lane++)
            index -= _lanes[lane].FramesBeforeNewest;
        return (_lanes[lane].Oldest + index) * Lanes + lane;
    }

    private FrameRing Locate(long id, out long frame)
    {
        frame = Math.DivRem(id, Lanes, out long lane);
        return _lanes[lane];
    }

    private FrameRing Lane(int lane) => (uint)lane < (uint)_lanes.Length
        ? _lanes[lane]
        : throw new ArgumentOutOfRangeException(nameof(lane), lane, $"Expected a lane 0 … {Lanes - 1}.");

    private ReadOnlySpan<byte> NewestFrame(ReadOnlySpan<byte> observation) => observation.Length == ObservationBytes
        ? observation[^FrameBytes..]
        : throw new ArgumentException(
            $"Expected an observation of {ObservationBytes} bytes, got {observation.Length}.", nameof(observation));

    private void RequireMask(ReadOnlySpan<bool> legalActions, bool mayBeNone, string name)
    {
        if (legalActions.Length != MaskedActions && !(mayBeNone && legalActions.IsEmpty))
        {
            throw new ArgumentException(MaskedActions == 0
                ? $"Expected no mask of legal actions, since this buffer keeps none, got one of {legalActions.Length}."
                : $"Expected which of {MaskedActions} actions are legal, got a mask of {legalActions.Length}.", name);
        }

        if (MaskedActions > 0 && !mayBeNone && !legalActions.Contains(true))
            throw new ArgumentException("Expected at least one legal action where the task goes on, got none.", name);
    }
}
