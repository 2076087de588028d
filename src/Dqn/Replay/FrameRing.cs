namespace Dqn.Replay;

/// <summary>
/// One lane of a <see cref="ReplayBuffer"/>: a ring of single frames in the order in which one environment showed them.
/// <para>
/// A place of the ring holds a frame and what was done there: action, reward, flags. The frame that followed is the
/// next place's, so an episode of n transitions takes n + 1 places, the last of which keeps the frame after its end,
/// whether it terminated or was truncated. Kept are the transitions that begin at the last <see cref="Capacity"/>
/// frames before the newest; a few more places hold the stacks of the oldest of them. So no stack is ever torn at the
/// place being written.
/// </para>
/// <para>Frames are numbered from 0 as they come. Memory comes in segments as the ring fills.</para>
/// </summary>
internal sealed partial class FrameRing
{
    private readonly ReplaySegment?[] _segments;
    private readonly long[] _versions;
    private readonly int _frameBytes;
    private readonly int _stackedFrames;
    private readonly int _maskedActions;
    private readonly long _places;
    private readonly int _segmentShift;

    private long _next; // The next frame's number: how many have come. Frame n lies at place n mod _places.
    private long _writes;
    private bool _inEpisode;

    /// <summary>Makes an empty ring; the arguments have been checked.</summary>
    /// <param name="capacity">How many frames' transitions are kept.</param>
    /// <param name="frameBytes">The bytes of one frame.</param>
    /// <param name="stackedFrames">How many frames an observation shows.</param>
    /// <param name="maskedActions">How many actions' legality is kept with each frame; 0: none.</param>
    /// <param name="segmentPlaces">Places per segment, a power of two.</param>
    public FrameRing(long capacity, int frameBytes, int stackedFrames, int maskedActions, int segmentPlaces)
    {
        (Capacity, _frameBytes, _stackedFrames, _maskedActions) = (capacity, frameBytes, stackedFrames, maskedActions);
        _places = Places(capacity, stackedFrames);
        _segmentShift = int.Log2(segmentPlaces);
        long segments = ((_places - 1) >> _segmentShift) + 1;
        _segments = new ReplaySegment?[segments];
        _versions = new long[segments];
    }

    /// <summary>How many frames' transitions are kept.</summary>
    public long Capacity { get; }

    /// <summary>How many transitions are kept now.</summary>
    public long Count { get; private set; }

    /// <summary>The oldest frame whose transition is kept.</summary>
    public long Oldest => Math.Max(0, _next - 1 - Capacity);

    /// <summary>The newest frame, −1 in an empty ring. No transition has begun there yet.</summary>
    public long Newest => _next - 1;

    /// <summary>The frames, from <see cref="Oldest"/> on, that transitions can begin at: all but the newest.</summary>
    public long FramesBeforeNewest => Math.Max(0, Newest - Oldest);

    /// <summary>The memory that frames, actions, rewards, flags and masks take now.</summary>
    public long AllocatedBytes
    {
        get
        {
            long bytes = 0;
            foreach (ReplaySegment? segment in _segments)
                if (segment is not null)
                    bytes += segment.Flags.LongLength * (_frameBytes + ReplaySegment.BytesBeside(_maskedActions));
            return bytes;
        }
    }

    /// <summary>
    /// The places for the frames that a sample can need: <paramref name="capacity"/> frames with transitions, the
    /// newest frame, and those that the stack of the oldest transition reaches back to, one less than it shows.
    /// </summary>
    public static long Places(long capacity, int stackedFrames) => checked(capacity + stackedFrames);

    /// <summary>Starts an episode; a beginning that nothing followed is replaced.</summary>
    public void Begin(ReadOnlySpan<byte> frame, ReadOnlySpan<bool> legalActions)
    {
        if (_inEpisode && Flags(_next - 1) == ReplayFlags.EpisodeStart)
            Write(_next - 1, frame, legalActions, ReplayFlags.EpisodeStart);
        else
            Append(frame, legalActions, ReplayFlags.EpisodeStart);
        _inEpisode = true;
    }

    /// <summary>Stores what came of an action at the newest frame, and the frame that followed.</summary>
    /// <exception cref="InvalidOperationException">No episode has begun since the last one ended.</exception>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextFrame,
        ReadOnlySpan<bool> nextLegalActions)
    {
        if (!_inEpisode)
            throw new InvalidOperationException("Expected an episode's beginning (Begin) before a transition.");

        Reserve(_next); // Where there is no memory, nothing has changed.
        ReplaySegment segment = Locate(_next - 1, out int place);
        segment.Actions[place] = action;
        segment.Rewards[place] = reward;
        segment.Flags[place] |= ReplayFlags.Transition | (terminated ? ReplayFlags.Terminated : 0);
        Touch(_next - 1);
        Count++;
        Append(nextFrame, nextLegalActions, ReplayFlags.None);
        _inEpisode = !terminated && !truncated;
    }

    /// <summary>What is known of a stored frame.</summary>
    public ReplayFlags Flags(long frame) => Locate(frame, out int place).Flags[place];

    /// <summary>Whether a transition begins at the frame and is kept, whatever the frame's number.</summary>
    public bool HasTransition(long frame) =>
        frame >= Oldest && frame < Newest && (Flags(frame) & ReplayFlags.Transition) != 0;

    /// <summary>The segment that a stored frame lies in, and its place there.</summary>
    public ReplaySegment Locate(long frame, out int place)
    {
        long at = frame % _places;
        place = (int)(at & ((1L << _segmentShift) - 1));
        return _segments[at >> _segmentShift]!;
    }

    /// <summary>
    /// Writes the observation whose newest frame is <paramref name="frame"/>; an episode's first frame pads the past.
    /// </summary>
    public void ReadStack(long frame, Span<byte> observation)
    {
        long first = FirstOfStack(frame);
        for (long missing = _stackedFrames - 1 - (frame - first); missing > 0; missing--)
        {
            Locate(first, out int place).Frames(place, 1).CopyTo(observation);
            observation = observation[_frameBytes..];
        }

        // Frames lie side by side except where a segment ends: one long copy runs at the memory's speed.
        while (first <= frame)
        {
            ReplaySegment segment = Locate(first, out int place);
            int run = (int)Math.Min(frame - first + 1, segment.Flags.Length - place);
            segment.Frames(place, run).CopyTo(observation);
            observation = observation[(run * _frameBytes)..];
            first += run;
        }
    }

    /// <summary>Writes which actions are legal at a stored frame, [masked actions].</summary>
    public void ReadLegalActions(long frame, Span<bool> legalActions) =>
        LegalActionBits.Unpack(Locate(frame, out int place).LegalActions(place), legalActions);

    /// <summary>Whether an action is legal at a stored frame; all are where no masks are kept.</summary>
    public bool IsLegal(long frame, int action) =>
        _maskedActions == 0 || LegalActionBits.Contains(Locate(frame, out int place).LegalActions(place), action);

    /// <summary>Whether an episode is under way.</summary>
    public bool InEpisode => _inEpisode;

    /// <summary>How many places there are.</summary>
    public long PlaceCount => _places;

    /// <summary>
    /// The places of the frames that the observation whose newest frame is <paramref name="frame"/> shows, oldest first;
    /// an episode's first frame pads the past.
    /// </summary>
    public void ReadPlaces(long frame, long firstPlace, Span<long> places)
    {
        long first = FirstOfStack(frame);
        for (int i = 0; i < places.Length; i++)
            places[i] = firstPlace + Math.Max(first, frame - (places.Length - 1 - i)) % _places;
    }

    /// <summary>
    /// The next frames that lie side by side, from number <paramref name="next"/> on, or from the oldest one stored if
    /// that is gone. A beginning that nothing followed is left out: it may still be replaced.
    /// </summary>
    /// <param name="next">Becomes the number of the frame after them.</param>
    /// <param name="place">The first one's place.</param>
    /// <param name="frames">[count, frame bytes].</param>
    public bool TryReadRun(ref long next, out long place, out ReadOnlySpan<byte> frames)
    {
        long end = _inEpisode && Flags(_next - 1) == ReplayFlags.EpisodeStart ? _next - 1 : _next;
        next = Math.Max(next, _next - _places);
        place = next % _places;
        frames = [];
        if (next >= end)
            return false;
        ReplaySegment segment = Locate(next, out int at);
        int run = (int)Math.Min(end - next, segment.Flags.Length - at);
        frames = segment.Frames(at, run);
        next += run;
        return true;
    }

    /// <summary>Says that a transition's two observations will soon be read.</summary>
    public void Expect(long frame)
    {
        long first = FirstOfStack(frame);
        while (first <= frame + 1)
        {
            ReplaySegment segment = Locate(first, out int place);
            int run = (int)Math.Min(frame + 2 - first, segment.Flags.Length - place);
            segment.Expect(place, run);
            first += run;
        }
    }

    /// <summary>Sums the rewards of the transition at <paramref name="frame"/> and of those after it.</summary>
    /// <param name="frame">A frame at which a kept transition begins.</param>
    /// <param name="steps">n, at least 1.</param>
    /// <param name="discount">γ.</param>
    public NStepReturn ReadReturn(long frame, int steps, double discount)
    {
        ReplaySegment segment = Locate(frame, out int place);
        ReplayFlags flags = segment.Flags[place];
        double reward = segment.Rewards[place], factor = discount;
        int taken = 1;
        for (; taken < steps && (flags & ReplayFlags.Terminated) == 0; taken++)
        {
            // Without a transition the frame is the one after a truncation, or the newest: its value stands for the rest.
            segment = Locate(frame + taken, out place);
            flags = segment.Flags[place];
            if ((flags & ReplayFlags.Transition) == 0)
                break;
            reward += factor * segment.Rewards[place];
            factor *= discount;
        }

        bool terminated = (flags & ReplayFlags.Terminated) != 0;
        return new NStepReturn(taken, (float)reward, terminated ? 0 : (float)factor, terminated);
    }

    private long FirstOfStack(long frame)
    {
        long first = frame;
        while (frame - first < _stackedFrames - 1 && (Flags(first) & ReplayFlags.EpisodeStart) == 0)
            first--;
        return first;
    }

    private void Append(ReadOnlySpan<byte> frame, ReadOnlySpan<bool> legalActions, ReplayFlags flags)
    {
        Reserve(_next);
        long leaving = _next - 1 - Capacity;
        if (leaving >= 0 && (Flags(leaving) & ReplayFlags.Transition) != 0)
            Count--;
        Write(_next, frame, legalActions, flags);
        _next++;
    }

    private void Write(long number, ReadOnlySpan<byte> frame, ReadOnlySpan<bool> legalActions, ReplayFlags flags)
    {
        Reserve(number);
        ReplaySegment segment = Locate(number, out int place);
        frame.CopyTo(segment.Frames(place, 1));
        segment.Flags[place] = flags;
        segment.Actions[place] = 0;
        segment.Rewards[place] = 0;
        LegalActionBits.Pack(legalActions, segment.LegalActions(place));
        Touch(number);
    }

    private void Reserve(long number)
    {
        int index = SegmentOf(number);
        _segments[index] ??= new ReplaySegment(SegmentLength(index), _frameBytes, _maskedActions);
    }

    private void Touch(long frame) => _versions[SegmentOf(frame)] = ++_writes;

    private int SegmentOf(long frame) => (int)((frame % _places) >> _segmentShift);

    private int SegmentLength(int index) =>
        (int)Math.Min(1L << _segmentShift, _places - ((long)index << _segmentShift));
}
