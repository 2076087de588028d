using System.Diagnostics.CodeAnalysis;
using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// Turns one environment's stream of observations and actions into <see cref="TransitionSegment"/>s, each of about 64
/// transitions that can be sampled at once: their stacks, n-step returns and first priorities need nothing of another segment.
/// What has not become a segment yet can be dropped at any time without a trace. Not safe for concurrent use.
/// </summary>
internal sealed partial class SegmentWriter
{
    private readonly SegmentFormat _format;
    private readonly double _discount;
    private readonly bool _prioritized;
    private readonly int _environment;
    private readonly long _epoch;
    private readonly Queue<TransitionSegment> _finished = [];

    // The running segment's places. Its window begins at _start and has no end yet.
    private readonly byte[] _frames;
    private readonly byte[] _flags;
    private readonly int[] _actions;
    private readonly float[] _rewards;
    private readonly byte[] _legalActions;
    private readonly float[] _actionValues; // q(s, a) of the action taken there; empty unless prioritized.
    private readonly float[] _stateValues; // maxₐ q(s, a) there.
    private int _start, _places;
    private bool _inEpisode;
    private long _number;

    /// <summary>Makes a writer to which nothing has been added.</summary>
    /// <param name="format">What its segments look like.</param>
    /// <param name="discount">γ of the first priorities.</param>
    /// <param name="prioritized">Whether there are to be first priorities.</param>
    /// <param name="environment">Which of the run's environments.</param>
    /// <param name="epoch">Which life of the actor.</param>
    public SegmentWriter(SegmentFormat format, double discount, bool prioritized, int environment = 0, long epoch = 0)
    {
        (_format, _discount, _prioritized, _environment, _epoch) = (format, discount, prioritized, environment, epoch);
        int places = format.MaxPlaces;
        _frames = GC.AllocateUninitializedArray<byte>(checked(places * format.FrameBytes));
        _flags = new byte[places];
        _actions = new int[places];
        _rewards = new float[places];
        _legalActions = new byte[places * format.MaskBytes];
        _actionValues = new float[prioritized ? places : 0];
        _stateValues = new float[prioritized ? places : 0];
    }

    /// <summary>The version of the actor's weights; what is finished from now on says so.</summary>
    public long WeightsVersion { get; set; }

    /// <summary>Takes the oldest segment that is finished.</summary>
    public bool TryTake([NotNullWhen(true)] out TransitionSegment? segment) => _finished.TryDequeue(out segment);

    /// <summary>
    /// Starts an episode, with the arguments of <see cref="IReplay.Begin"/>. One that is not over is cut off where it stands,
    /// as if truncated; if nothing had been added to it, it is forgotten.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A length is another, the stack's frames differ, or no action is legal.
    /// </exception>
    public void Begin(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default)
    {
        ReadOnlySpan<byte> frame = NewestFrame(observation);
        for (int i = 0; i < _format.StackedFrames - 1; i++)
        {
            if (!observation.Slice(i * _format.FrameBytes, _format.FrameBytes).SequenceEqual(frame))
            {
                throw new ArgumentException(
                    $"Expected an episode's first frame {_format.StackedFrames} times, got another one at {i} of the stack.",
                    nameof(observation));
            }
        }

        RequireMask(legalActions, mayBeNone: false, nameof(legalActions));
        EndEpisode();
        Append(frame, legalActions, ReplayFlags.EpisodeStart);
        _inEpisode = true;
    }

    /// <summary>
    /// Adds what came of an action, with the arguments of <see cref="IReplay.Add"/> and, where there are to be first
    /// priorities, what the actor's network said of the observation at which the action was taken.
    /// </summary>
    /// <param name="action">The action taken, at least 0.</param>
    /// <param name="reward">What it gave, finite.</param>
    /// <param name="terminated">The task ended.</param>
    /// <param name="truncated">The episode was cut off.</param>
    /// <param name="nextObservation">What was observed then; only its newest frame is kept.</param>
    /// <param name="nextLegalActions">Which actions are legal then; may be none, or empty, where the task has ended.</param>
    /// <param name="actionValue">q(s, a) of the action taken, finite.</param>
    /// <param name="stateValue">The greedy action's value there, finite.</param>
    /// <exception cref="ArgumentException">
    /// A length is another, no action is legal although the task goes on, or the action taken was not legal.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The action is negative, or reward or values are not finite.</exception>
    /// <exception cref="InvalidOperationException">No episode has begun since the last one ended.</exception>
    public void Add(
        int action, float reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        ReadOnlySpan<bool> nextLegalActions = default, float actionValue = 0, float stateValue = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        RequireFinite(reward, nameof(reward));
        RequireFinite(actionValue, nameof(actionValue));
        RequireFinite(stateValue, nameof(stateValue));
        ReadOnlySpan<byte> frame = NewestFrame(nextObservation);
        RequireMask(nextLegalActions, mayBeNone: terminated, nameof(nextLegalActions));
        if (!_inEpisode)
            throw new InvalidOperationException("Expected an episode's beginning (Begin) before a transition.");
        RequireLegal(action);

        if (_prioritized)
            (_actionValues[_places - 1], _stateValues[_places - 1]) = (actionValue, stateValue);

        // The value of the newest frame, which came only now, was the last thing that a full segment lacked.
        if (_places == _start + _format.WindowPlaces + _format.LookAheadPlaces + 1)
            FinishWindow();
        int place = _places - 1;
        (_actions[place], _rewards[place]) = (action, reward);
        _flags[place] |= (byte)(ReplayFlags.Transition | (terminated ? ReplayFlags.Terminated : 0));
        Append(frame, nextLegalActions, ReplayFlags.None);
        if (terminated || truncated)
            EndEpisode();
    }

    /// <summary>
    /// Ends the running episode as if it had been truncated, and the running segment, so that nothing is left behind. An
    /// episode has to begin next.
    /// </summary>
    public void Cut()
    {
        EndEpisode();
        if (_places > 0)
            FinishAll();
    }

    private void EndEpisode()
    {
        if (_inEpisode && (ReplayFlags)_flags[_places - 1] == ReplayFlags.EpisodeStart)
            _places--; // A beginning that nothing followed.
        else if (_inEpisode && _prioritized) // An action is not chosen at the last frame, so it is not valued.
            _stateValues[_places - 1] = _stateValues[_places - 2];
        _inEpisode = false;
        if (_places - _start >= _format.WindowPlaces)
            FinishAll();
    }

    /// <summary>All that has been added becomes a segment: its last frame ends an episode.</summary>
    private void FinishAll()
    {
        _finished.Enqueue(MakeSegment(_places));
        (_start, _places) = (0, 0);
    }

    /// <summary>The full window becomes a segment. What follows it begins the next one, with the frames that its stacks show.</summary>
    private void FinishWindow()
    {
        int end = _start + _format.WindowPlaces, context = 0;
        _finished.Enqueue(MakeSegment(end));
        while (context < _format.ContextPlaces && ((ReplayFlags)_flags[end - context] & ReplayFlags.EpisodeStart) == 0)
            context++;
        int from = end - context, kept = _places - from;
        Move(_frames, from, kept, _format.FrameBytes);
        Move(_legalActions, from, kept, _format.MaskBytes);
        Move(_flags, from, kept);
        Move(_actions, from, kept);
        Move(_rewards, from, kept);
        if (_prioritized)
        {
            Move(_actionValues, from, kept);
            Move(_stateValues, from, kept);
        }

        (_start, _places) = (context, kept);
    }

    private static void Move<T>(T[] places, int from, int count, int length = 1) =>
        places.AsSpan(from * length, count * length).CopyTo(places);

    private TransitionSegment MakeSegment(int end)
    {
        int transitions = 0;
        for (int place = _start; place < end; place++)
            transitions += HasTransition(place) ? 1 : 0;
        return new TransitionSegment
        {
            Environment = _environment,
            Epoch = _epoch,
            Number = _number++,
            WeightsVersion = WeightsVersion,
            WindowStart = _start,
            WindowEnd = end,
            Transitions = transitions,
            Frames = _frames[..(_places * _format.FrameBytes)],
            Flags = _flags[.._places],
            Actions = _actions[.._places],
            Rewards = _rewards[.._places],
            LegalActions = _legalActions[..(_places * _format.MaskBytes)],
            Priorities = _prioritized ? FirstPriorities(end, transitions) : [],
        };
    }

    private void Append(ReadOnlySpan<byte> frame, ReadOnlySpan<bool> legalActions, ReplayFlags flags)
    {
        int place = _places++;
        frame.CopyTo(_frames.AsSpan(place * _format.FrameBytes));
        LegalActionBits.Pack(legalActions, _legalActions.AsSpan(place * _format.MaskBytes, _format.MaskBytes));
        (_flags[place], _actions[place], _rewards[place]) = ((byte)flags, 0, 0);
    }

    private bool HasTransition(int place) => ((ReplayFlags)_flags[place] & ReplayFlags.Transition) != 0;
}
