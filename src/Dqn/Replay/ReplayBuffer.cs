using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Replay;

/// <summary>
/// The agent's memory: single frames from which sampling rebuilds stacked observations, so that each frame is stored
/// once however many observations show it. Source: V. Mnih et al., "Human-level control through deep reinforcement
/// learning" (2015), with the frames shared.
/// <para>
/// Each environment that acts for the learner has a lane: a ring of frames of its own, in which the frame that followed
/// another lies beside it. An episode of n transitions takes n + 1 places, the last of which keeps the frame after its
/// end, whether it terminated or was truncated. Sampled from are the transitions that begin at each lane's last
/// <see cref="Capacity"/> ÷ <see cref="Lanes"/> frames before its newest; so <see cref="Count"/> is exactly what can be
/// sampled. One place costs a frame and 9 bytes, and each lane has a few more than its share of the capacity.
/// </para>
/// <para>
/// Memory comes in segments as the buffer fills. Not safe for concurrent use: a call while another thread's has not
/// returned throws <see cref="InvalidOperationException"/>.
/// </para>
/// </summary>
public sealed partial class ReplayBuffer
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
    /// <param name="prioritized">
    /// For prioritized replay: then the capacity is at most 2²⁹ frames, and each takes 16 bytes more, at once. Null, the
    /// default: all transitions are as likely.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public ReplayBuffer(
        long capacity, int frameBytes, int stackedFrames, int lanes = 1, PrioritizedReplayOptions? prioritized = null)
        : this(capacity, frameBytes, stackedFrames, lanes, SegmentPlaces(frameBytes), prioritized)
    {
    }

    /// <summary>As the public one, with the places per segment (a power of two) chosen by a test.</summary>
    internal ReplayBuffer(
        long capacity, int frameBytes, int stackedFrames, int lanes, int segmentPlaces,
        PrioritizedReplayOptions? prioritized = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stackedFrames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
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
        _segmentPlaces = segmentPlaces;
        _priorities = MakePriorities(Capacity, prioritized);
        _lanes = new FrameRing[lanes];
        for (int i = 0; i < lanes; i++)
            _lanes[i] = new FrameRing(laneCapacity, frameBytes, stackedFrames, segmentPlaces);
        (_rebuildOne, _rebuildNextOne) = (RebuildOne, RebuildNextOne);
    }

    /// <summary>How many frames' transitions are kept, over all lanes.</summary>
    public long Capacity { get; }

    /// <summary>The bytes of one frame.</summary>
    public int FrameBytes { get; }

    /// <summary>How many frames an observation shows.</summary>
    public int StackedFrames { get; }

    /// <summary>How many environments' episodes are kept apart.</summary>
    public int Lanes => _lanes.Length;

    /// <summary>The bytes of a whole observation.</summary>
    public int ObservationBytes => FrameBytes * StackedFrames;

    /// <summary>
    /// How many transitions can be sampled now; at most <see cref="Capacity"/>.
    /// </summary>
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

    /// <summary>The memory that frames, actions, rewards and flags take now.</summary>
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

    /// <summary>
    /// Starts an episode. If the one before was not over, it is cut off where it stands, as if its last transition had
    /// been truncated; if nothing had been added to it, it is forgotten.
    /// </summary>
    /// <param name="observation">
    /// [<see cref="ObservationBytes"/>], the first observation: one frame repeated over the whole stack.
    /// </param>
    /// <param name="lane">Which environment's episode, 0 … <see cref="Lanes"/> − 1.</param>
    /// <exception cref="ArgumentException">The length is another, or the stack's frames differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such lane.</exception>
    public void Begin(ReadOnlySpan<byte> observation, int lane = 0)
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

        Lane(lane).Begin(frame);
        Prioritize(lane);
    }

    /// <summary>Stores what came of an action.</summary>
    /// <param name="action">The action taken at the lane's newest observation, at least 0.</param>
    /// <param name="reward">What it gave, finite.</param>
    /// <param name="terminated">The task ended: the next observation has no future.</param>
    /// <param name="truncated">The episode was cut off: the next observation has a future that is not played.</param>
    /// <param name="nextObservation">
    /// [<see cref="ObservationBytes"/>], what was observed then, oldest frame first; only its newest frame is stored.
    /// </param>
    /// <param name="lane">Which environment's step, 0 … <see cref="Lanes"/> − 1.</param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The action is negative, the reward is not finite, or there is no such lane.
    /// </exception>
    /// <exception cref="InvalidOperationException">No episode has begun in the lane since its last one ended.</exception>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation, int lane = 0)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfIncomplete();
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        if (!float.IsFinite(reward))
            throw new ArgumentOutOfRangeException(nameof(reward), reward, "Expected a finite reward.");
        ReadOnlySpan<byte> frame = NewestFrame(nextObservation);
        Lane(lane).Add(action, reward, terminated, truncated, frame);
        Prioritize(lane);
    }

    /// <summary>
    /// Fills the batch with transitions drawn uniformly over all lanes, independently, with replacement. Draws per
    /// transition <c>random.Integer(n)</c>, n being the frames that transitions can begin at, the first lane's first,
    /// until the frame drawn has one.
    /// <para>
    /// If the buffer is <see cref="Prioritized"/>: in proportion to priorities, one from each of as many equal pieces of
    /// their sum, so that a batch has of every kind about its share; one <c>random.NextDouble()</c> per transition.
    /// </para>
    /// </summary>
    /// <param name="random">What is drawn from.</param>
    /// <param name="batch">Destination.</param>
    /// <param name="steps">
    /// n, at least 1: how many steps rewards are summed over and the next observation lies ahead. Fewer are taken where
    /// the task terminated or the episode was truncated before, and at the newest frames of one that still goes on.
    /// Default 1.
    /// </param>
    /// <param name="discount">γ, 0 … 1, per step. Default 1.</param>
    /// <param name="importanceExponent">
    /// β, 0 … 1, of a prioritized buffer's weights. Null, the default:
    /// <see cref="PrioritizedReplayOptions.ImportanceExponent"/>.
    /// </param>
    /// <exception cref="ArgumentException">The batch is for observations of another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The steps, the discount or β are out of range.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Count"/> is 0.</exception>
    public void Sample(
        Pcg64 random, TransitionBatch batch, int steps = 1, double discount = 1, double? importanceExponent = null) =>
        SampleParts(random, batch, steps, discount, importanceExponent, BatchObservations.Both);

    /// <summary>
    /// As <see cref="Sample"/>, the draws included, but leaves observations that are not wanted alone: see
    /// <see cref="ReadNextObservations"/> and <see cref="ReadPlaces"/>.
    /// </summary>
    internal void SampleParts(
        Pcg64 random, TransitionBatch batch, int steps, double discount, double? importanceExponent,
        BatchObservations observations) =>
        Fill(batch, random, steps, discount, importanceExponent, observations);

    private static int SegmentPlaces(int frameBytes) =>
        Math.Clamp(1 << int.Log2(Math.Max(1, SegmentBytes / Math.Max(1, frameBytes))), 1, MaxSegmentPlaces);

    private void Fill(
        TransitionBatch batch, Pcg64 random, int steps, double discount, double? importanceExponent,
        BatchObservations observations)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(batch);
        using SingleCaller.Visit visit = Enter();
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (!(discount is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(discount), discount, "Expected a discount 0 … 1.");
        double beta = importanceExponent ?? Prioritized?.ImportanceExponent ?? 0;
        if (!(beta is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(importanceExponent), beta, "Expected an exponent 0 … 1.");
        ThrowIfIncomplete();
        if (batch.ObservationBytes != ObservationBytes)
        {
            throw new ArgumentException(
                $"Expected a batch of {ObservationBytes}-byte observations, got one of {batch.ObservationBytes}.",
                nameof(batch));
        }

        if (Count == 0)
            throw new InvalidOperationException("Expected a transition to sample; the replay buffer has none.");

        if (_priorities is { } priorities)
            DrawPrioritized(priorities, random, batch, beta);
        else
            DrawUniform(random, batch);
        Rebuild(batch, steps, discount, observations);
    }

    private void DrawUniform(Pcg64 random, TransitionBatch batch)
    {
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
    }

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

    private SingleCaller.Visit Enter() => _caller.Enter(
        nameof(ReplayBuffer), "For many threads, give each a lane and let one pass their steps on in turn.");

    private FrameRing Lane(int lane) => (uint)lane < (uint)_lanes.Length
        ? _lanes[lane]
        : throw new ArgumentOutOfRangeException(nameof(lane), lane, $"Expected a lane 0 … {Lanes - 1}.");

    private ReadOnlySpan<byte> NewestFrame(ReadOnlySpan<byte> observation) => observation.Length == ObservationBytes
        ? observation[^FrameBytes..]
        : throw new ArgumentException(
            $"Expected an observation of {ObservationBytes} bytes, got {observation.Length}.", nameof(observation));
}
