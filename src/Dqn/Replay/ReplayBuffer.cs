using Dqn.Randomness;

namespace Dqn.Replay;

/// <summary>
/// The agent's memory: a ring of single frames from which sampling rebuilds stacked observations, so that each frame is
/// stored once however many observations show it. Source: V. Mnih et al., "Human-level control through deep
/// reinforcement learning" (2015), with the frames shared.
/// <para>
/// A place of the ring holds a frame and what was done there: action, reward, flags. The frame that followed is the
/// next place's, so an episode of n transitions takes n + 1 places, the last of which keeps the frame after its end,
/// whether it terminated or was truncated. Sampled from are the transitions that begin at the last
/// <see cref="Capacity"/> frames before the newest; a few more places hold the stacks of the oldest of them. So no
/// stack is ever torn at the place being written, <see cref="Count"/> is exactly what can be sampled, and one place
/// costs a frame and 9 bytes.
/// </para>
/// <para>Memory comes in segments as the buffer fills. Not safe for concurrent use.</para>
/// </summary>
public sealed partial class ReplayBuffer
{
    // Segments are also what a checkpoint writes anew or leaves alone: small enough to leave most of the buffer alone,
    // large enough that a million frames are not thousands of pieces.
    private const int SegmentBytes = 8 << 20;
    private const int MaxSegmentPlaces = 1 << 16;

    private readonly ReplaySegment?[] _segments;
    private readonly long[] _versions;
    private readonly long _places;
    private readonly int _segmentShift;

    private long _next; // The next frame's id: how many have come. Frame id lies at place id mod _places.
    private long _count;
    private long _writes;
    private bool _inEpisode;

    /// <summary>Makes an empty buffer.</summary>
    /// <param name="capacity">
    /// How many frames' transitions are kept, at least 1. Each episode's last frame is one of them without a
    /// transition.
    /// </param>
    /// <param name="frameBytes">The bytes of one frame, at least 1: 7,056 for 84 × 84 grey, 4 per feature.</param>
    /// <param name="stackedFrames">How many frames an observation shows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public ReplayBuffer(long capacity, int frameBytes, int stackedFrames)
        : this(capacity, frameBytes, stackedFrames, SegmentPlaces(frameBytes))
    {
    }

    /// <summary>As the public one, with the places per segment (a power of two) chosen by a test.</summary>
    internal ReplayBuffer(long capacity, int frameBytes, int stackedFrames, int segmentPlaces)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stackedFrames, 1);
        if ((long)frameBytes * stackedFrames > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stackedFrames), stackedFrames,
                $"Expected at most {Array.MaxLength / frameBytes} stacked frames of {frameBytes} bytes.");
        }

        Capacity = capacity;
        FrameBytes = frameBytes;
        StackedFrames = stackedFrames;

        // The frames a sample can need: `capacity` frames with transitions, the newest frame, and those that the stack
        // of the oldest transition reaches back to, `stackedFrames` − 1.
        _places = checked(capacity + stackedFrames);
        _segmentShift = int.Log2(segmentPlaces);
        long segments = ((_places - 1) >> _segmentShift) + 1;
        if (segments > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity, $"Expected at most {(long)Array.MaxLength << _segmentShift} frames.");
        }

        _segments = new ReplaySegment?[segments];
        _versions = new long[segments];
    }

    /// <summary>How many frames' transitions are kept.</summary>
    public long Capacity { get; }

    /// <summary>The bytes of one frame.</summary>
    public int FrameBytes { get; }

    /// <summary>How many frames an observation shows.</summary>
    public int StackedFrames { get; }

    /// <summary>The bytes of a whole observation.</summary>
    public int ObservationBytes => FrameBytes * StackedFrames;

    /// <summary>
    /// How many transitions can be sampled now, each as likely as any other; at most <see cref="Capacity"/>.
    /// </summary>
    public long Count => _count;

    /// <summary>The memory that frames, actions, rewards and flags take now.</summary>
    public long AllocatedBytes
    {
        get
        {
            long bytes = 0;
            foreach (ReplaySegment? segment in _segments)
                if (segment is not null)
                    bytes += segment.Flags.LongLength * (FrameBytes + ReplaySegment.BytesBesideFrame);
            return bytes;
        }
    }

    /// <summary>Another number whenever transitions' numbers may stand for other transitions: after loading.</summary>
    internal int Generation { get; private set; }

    private long OldestId => Math.Max(0, _next - 1 - Capacity);

    /// <summary>
    /// Starts an episode. If the one before was not over, it is cut off where it stands, as if its last transition had
    /// been truncated; if nothing had been added to it, it is forgotten.
    /// </summary>
    /// <param name="observation">
    /// [<see cref="ObservationBytes"/>], the first observation: one frame repeated over the whole stack.
    /// </param>
    /// <exception cref="ArgumentException">The length is another, or the stack's frames differ.</exception>
    public void Begin(ReadOnlySpan<byte> observation)
    {
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

        if (_inEpisode && Flags(_next - 1) == ReplayFlags.EpisodeStart)
            Write(_next - 1, frame, ReplayFlags.EpisodeStart);
        else
            Append(frame, ReplayFlags.EpisodeStart);
        _inEpisode = true;
    }

    /// <summary>Stores what came of an action.</summary>
    /// <param name="action">The action taken at the newest observation, at least 0.</param>
    /// <param name="reward">What it gave, finite.</param>
    /// <param name="terminated">The task ended: the next observation has no future.</param>
    /// <param name="truncated">The episode was cut off: the next observation has a future that is not played.</param>
    /// <param name="nextObservation">
    /// [<see cref="ObservationBytes"/>], what was observed then, oldest frame first; only its newest frame is stored.
    /// </param>
    /// <exception cref="ArgumentException">The length is another.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The action is negative, or the reward is not finite.</exception>
    /// <exception cref="InvalidOperationException">No episode has begun since the last one ended.</exception>
    public void Add(int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation)
    {
        ThrowIfIncomplete();
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        if (!float.IsFinite(reward))
            throw new ArgumentOutOfRangeException(nameof(reward), reward, "Expected a finite reward.");
        ReadOnlySpan<byte> frame = NewestFrame(nextObservation);
        if (!_inEpisode)
            throw new InvalidOperationException("Expected an episode's beginning (Begin) before a transition.");

        ReplaySegment segment = Locate(_next - 1, out int place);
        segment.Actions[place] = action;
        segment.Rewards[place] = reward;
        segment.Flags[place] |= ReplayFlags.Transition | (terminated ? ReplayFlags.Terminated : 0);
        Touch(_next - 1);
        _count++;
        Append(frame, ReplayFlags.None);
        _inEpisode = !terminated && !truncated;
    }

    /// <summary>
    /// Fills the batch with transitions drawn uniformly, independently, with replacement. Draws per transition
    /// <c>random.Integer(n)</c>, n being the frames that transitions can begin at, until the frame drawn has one.
    /// </summary>
    /// <exception cref="ArgumentException">The batch is for observations of another length.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Count"/> is 0.</exception>
    public void Sample(Pcg64 random, TransitionBatch batch) => Draw(random, batch, withNext: true);

    /// <summary>
    /// As <see cref="Sample"/>, the draws included, but leaves the next observations alone: see
    /// <see cref="ReadNextObservation"/>.
    /// </summary>
    internal void SampleWithoutNext(Pcg64 random, TransitionBatch batch) => Draw(random, batch, withNext: false);

    /// <summary>Rebuilds what was observed after a transition that the last sample contained.</summary>
    internal void ReadNextObservation(long id, Span<byte> observation) => RebuildStack(id + 1, observation);

    private static int SegmentPlaces(int frameBytes) =>
        Math.Clamp(1 << int.Log2(Math.Max(1, SegmentBytes / Math.Max(1, frameBytes))), 1, MaxSegmentPlaces);

    private void Draw(Pcg64 random, TransitionBatch batch, bool withNext)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(batch);
        ThrowIfIncomplete();
        if (batch.ObservationBytes != ObservationBytes)
        {
            throw new ArgumentException(
                $"Expected a batch of {ObservationBytes}-byte observations, got one of {batch.ObservationBytes}.",
                nameof(batch));
        }

        if (_count == 0)
            throw new InvalidOperationException("Expected a transition to sample; the replay buffer has none.");

        long oldest = OldestId, frames = _next - 1 - oldest;
        for (int i = 0; i < batch.Size; i++)
        {
            long id;
            do
                id = oldest + random.Integer(frames);
            while ((Flags(id) & ReplayFlags.Transition) == 0);
            Read(id, i, batch);
            if (withNext)
                ReadNextObservation(id, batch.NextObservations.Slice(i * ObservationBytes, ObservationBytes));
        }
    }

    private void Read(long id, int index, TransitionBatch batch)
    {
        ReplaySegment segment = Locate(id, out int place);
        batch.Ids[index] = id;
        batch.Actions[index] = segment.Actions[place];
        batch.Rewards[index] = segment.Rewards[place];
        batch.Terminated[index] = (segment.Flags[place] & ReplayFlags.Terminated) != 0;
        RebuildStack(id, batch.Observations.Slice(index * ObservationBytes, ObservationBytes));
    }

    /// <summary>
    /// Writes the observation whose newest frame is <paramref name="id"/>; an episode's first frame pads the past.
    /// </summary>
    private void RebuildStack(long id, Span<byte> observation)
    {
        long first = id;
        while (id - first < StackedFrames - 1 && (Flags(first) & ReplayFlags.EpisodeStart) == 0)
            first--;
        for (long missing = StackedFrames - 1 - (id - first); missing > 0; missing--)
        {
            Locate(first, out int place).Frames(place, 1).CopyTo(observation);
            observation = observation[FrameBytes..];
        }

        // Frames lie side by side except where a segment ends: one long copy runs at the memory's speed.
        while (first <= id)
        {
            ReplaySegment segment = Locate(first, out int place);
            int run = (int)Math.Min(id - first + 1, segment.Flags.Length - place);
            segment.Frames(place, run).CopyTo(observation);
            observation = observation[(run * FrameBytes)..];
            first += run;
        }
    }

    private void Append(ReadOnlySpan<byte> frame, ReplayFlags flags)
    {
        long leaving = _next - 1 - Capacity;
        if (leaving >= 0 && (Flags(leaving) & ReplayFlags.Transition) != 0)
            _count--;
        Write(_next, frame, flags);
        _next++;
    }

    private void Write(long id, ReadOnlySpan<byte> frame, ReplayFlags flags)
    {
        int index = SegmentOf(id);
        _segments[index] ??= new ReplaySegment(SegmentLength(index), FrameBytes);
        ReplaySegment segment = Locate(id, out int place);
        frame.CopyTo(segment.Frames(place, 1));
        segment.Flags[place] = flags;
        segment.Actions[place] = 0;
        segment.Rewards[place] = 0;
        Touch(id);
    }

    private void Touch(long id) => _versions[SegmentOf(id)] = ++_writes;

    private ReplayFlags Flags(long id) => Locate(id, out int place).Flags[place];

    private ReplaySegment Locate(long id, out int place)
    {
        long at = id % _places;
        place = (int)(at & ((1L << _segmentShift) - 1));
        return _segments[at >> _segmentShift]!;
    }

    private int SegmentOf(long id) => (int)((id % _places) >> _segmentShift);

    private int SegmentLength(int index) =>
        (int)Math.Min(1L << _segmentShift, _places - ((long)index << _segmentShift));

    private ReadOnlySpan<byte> NewestFrame(ReadOnlySpan<byte> observation) => observation.Length == ObservationBytes
        ? observation[^FrameBytes..]
        : throw new ArgumentException(
            $"Expected an observation of {ObservationBytes} bytes, got {observation.Length}.", nameof(observation));
}
