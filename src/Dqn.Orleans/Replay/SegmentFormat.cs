using Dqn.Environments;
using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// What every segment of a training run looks like; actors, shards and the learner agree on it.
/// <para>
/// A segment is a run of places, as in a <see cref="ReplayBuffer"/>: a place holds a frame and what was done there, and the
/// frame that followed is the next place's. It consists of up to <see cref="ContextPlaces"/> places that only stacks show, the
/// window, whose transitions can be sampled, <see cref="LookAheadPlaces"/> places that only n-step returns read, and one last
/// frame. Context and look-ahead are in the neighbouring segments' windows too.
/// </para>
/// </summary>
internal sealed record SegmentFormat
{
    /// <summary>How large a message may be, in bytes: half a mebibyte.</summary>
    public const int MaxMessageBytes = 512 << 10;

    /// <summary>How many places a window has at most.</summary>
    public const int MostWindowPlaces = 64;

    private const int MaxAnswerBytes = 4 << 20;

    // Action, reward and priority as Orleans writes them, at most; the flags; what a message has beside its places.
    private const int BytesBesideFrame = 6 + 5 + 5 + 1, BytesBesidePlaces = 1024;

    /// <summary>Makes a format.</summary>
    /// <param name="frameBytes">The bytes of one frame, at least 1.</param>
    /// <param name="stackedFrames">How many frames an observation shows, at least 1.</param>
    /// <param name="maskedActions">How many actions' legality is kept with each frame; 0: all are always legal.</param>
    /// <param name="steps">n of the n-step returns, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public SegmentFormat(int frameBytes, int stackedFrames, int maskedActions = 0, int steps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frameBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stackedFrames, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maskedActions);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (FrameBytes, StackedFrames, MaskedActions, Steps) = (frameBytes, stackedFrames, maskedActions, steps);
        ObservationBytes = checked(frameBytes * stackedFrames);
    }

    /// <summary>The format for an environment's observations and actions.</summary>
    public static SegmentFormat Of(EnvironmentSpec spec, int steps) =>
        new(spec.FrameBytes, spec.StackedFrames, spec.HasIllegalActions ? spec.ActionCount : 0, steps);

    /// <summary>The bytes of one frame.</summary>
    public int FrameBytes { get; }

    /// <summary>How many frames an observation shows.</summary>
    public int StackedFrames { get; }

    /// <summary>How many actions' legality is kept with each frame; 0: all are always legal.</summary>
    public int MaskedActions { get; }

    /// <summary>n: over how many steps rewards can be summed.</summary>
    public int Steps { get; }

    /// <summary>The bytes of a whole observation.</summary>
    public int ObservationBytes { get; }

    /// <summary>The bytes of one mask.</summary>
    public int MaskBytes => LegalActionBits.Bytes(MaskedActions);

    /// <summary>How many places before the window its oldest stack may show.</summary>
    public int ContextPlaces => StackedFrames - 1;

    /// <summary>How many transitions after the window its newest n-step return may read.</summary>
    public int LookAheadPlaces => Steps - 1;

    /// <summary>
    /// How many places a window has where an episode goes on: 64, or fewer so that a message stays within <see cref="MaxMessageBytes"/>, but at least 1
    /// however large a frame is. Where an episode ends within the look-ahead, that is in the window too.
    /// </summary>
    public int WindowPlaces
    {
        get
        {
            long places = (MaxMessageBytes - BytesBesidePlaces) / ((long)FrameBytes + MaskBytes + BytesBesideFrame);
            return (int)Math.Clamp(places - ContextPlaces - LookAheadPlaces - 1, 1, MostWindowPlaces);
        }
    }

    /// <summary>How many places a segment has at most.</summary>
    public int MaxPlaces => checked(ContextPlaces + WindowPlaces + LookAheadPlaces + 1);

    /// <summary>How many transitions a segment has at most, where an episode ends within the look-ahead.</summary>
    public int MaxTransitions => checked(WindowPlaces + LookAheadPlaces);

    /// <summary>How many bytes the frames of a sampled transition are at most.</summary>
    public long SampleBytes => (long)SampledTransitions.FrameCount(StackedFrames, Steps, StackedFrames) * FrameBytes;

    /// <summary>
    /// How many transitions a shard is asked for at once: their frames stay within 4 MiB, so that what tells machines that they are
    /// alive is not stuck behind them; but at least one.
    /// </summary>
    public int MaxDraws => (int)Math.Clamp(MaxAnswerBytes / SampleBytes, 1, MaxAnswerBytes);
}
