using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <summary>
/// What one environment lived through in a row, of some episodes or of a part of one: the message from an actor to a shard,
/// each frame once. See <see cref="SegmentFormat"/> for its places. Nobody changes its arrays: within a process it is passed
/// on and kept without a copy.
/// </summary>
[GenerateSerializer, Immutable, Alias("Dqn.TransitionSegment")]
internal sealed class TransitionSegment
{
    /// <summary>Which of the run's environments.</summary>
    [Id(0)]
    public required int Environment { get; init; }

    /// <summary>Which life of the actor: another number after each restart.</summary>
    [Id(1)]
    public required long Epoch { get; init; }

    /// <summary>Which of this environment's segments in this epoch, from 0.</summary>
    [Id(2)]
    public required long Number { get; init; }

    /// <summary>The version of the weights that the actor had when it finished the segment.</summary>
    [Id(3)]
    public required long WeightsVersion { get; init; }

    /// <summary>The place at which the window begins; before it is context.</summary>
    [Id(4)]
    public required int WindowStart { get; init; }

    /// <summary>The place after the window's last; from it on is look-ahead.</summary>
    [Id(5)]
    public required int WindowEnd { get; init; }

    /// <summary>How many of the window's places have a transition.</summary>
    [Id(6)]
    public required int Transitions { get; init; }

    /// <summary>[places, frame bytes].</summary>
    [Id(7)]
    public required byte[] Frames { get; init; }

    /// <summary>[places]: <see cref="ReplayFlags"/>.</summary>
    [Id(8)]
    public required byte[] Flags { get; init; }

    /// <summary>[places]: the action taken at the frame, 0 where there was none.</summary>
    [Id(9)]
    public required int[] Actions { get; init; }

    /// <summary>[places]: the reward it gave, 0 where there was none.</summary>
    [Id(10)]
    public required float[] Rewards { get; init; }

    /// <summary>[places, mask bytes]: which actions are legal at the frame, <see cref="LegalActionBits"/>.</summary>
    [Id(11)]
    public required byte[] LegalActions { get; init; }

    /// <summary>
    /// [<see cref="Transitions"/>]: |δ| of each of the window's transitions by the actor's weights. Empty: unknown, or of no
    /// use since all are drawn alike.
    /// </summary>
    [Id(12)]
    public required float[] Priorities { get; init; }

    /// <summary>How many places the segment has.</summary>
    public int Places => Flags.Length;

    /// <summary>How many places its window has.</summary>
    public int WindowPlaces => WindowEnd - WindowStart;

    /// <summary>The memory that its arrays take.</summary>
    public long Bytes =>
        Frames.LongLength + Flags.Length + LegalActions.Length + 4L * (Actions.Length + Rewards.Length + Priorities.Length);

    /// <summary>Whether a transition begins at a place.</summary>
    public bool HasTransition(int place) => ((ReplayFlags)Flags[place] & ReplayFlags.Transition) != 0;

    /// <summary>How many different frames the observation at a place shows: fewer than a stack's just after an episode's start.</summary>
    public int StackedFrames(int place, int most)
    {
        int frames = 1;
        while (frames < most && ((ReplayFlags)Flags[place - frames + 1] & ReplayFlags.EpisodeStart) == 0)
            frames++;
        return frames;
    }

    /// <summary>Sums the rewards of a transition and of those after it, as <see cref="ReplayBuffer"/> does.</summary>
    /// <param name="place">A place of the window with a transition.</param>
    /// <param name="steps">n, at most the format's.</param>
    /// <param name="discount">γ.</param>
    public NStepReturn ReadReturn(int place, int steps, double discount)
    {
        double reward = Rewards[place], factor = discount;
        int taken = 1;
        while (taken < steps && !IsTerminated(place + taken - 1) && HasTransition(place + taken))
        {
            reward += factor * Rewards[place + taken];
            factor *= discount;
            taken++;
        }

        bool terminated = IsTerminated(place + taken - 1);
        return new NStepReturn(taken, (float)reward, terminated ? 0 : (float)factor, terminated);
    }

    /// <summary>Throws where the arrays are not those of a segment of this format.</summary>
    /// <exception cref="ArgumentException">They are not.</exception>
    public void Require(SegmentFormat format)
    {
        int places = Places;
        bool fits = places <= format.MaxPlaces && Frames.LongLength == (long)places * format.FrameBytes
            && Actions.Length == places && Rewards.Length == places
            && LegalActions.LongLength == (long)places * format.MaskBytes
            && WindowStart >= 0 && WindowStart < WindowEnd && WindowEnd <= places && Transitions == CountTransitions()
            && HasWholeStacks(format.StackedFrames) && HasWholeReturns(format.Steps)
            && (Priorities.Length == 0 || Priorities.Length == Transitions);
        if (!fits)
        {
            throw new ArgumentException(
                $"Expected a segment of {format.StackedFrames} × {format.FrameBytes}-byte frames, masks of " +
                $"{format.MaskedActions} actions and {format.Steps}-step returns, got {Frames.Length} bytes of frames, {Flags.Length} " +
                $"flags, {Actions.Length} actions, {Rewards.Length} rewards, {LegalActions.Length} bytes of masks and " +
                $"{Priorities.Length} priorities, with {Transitions} transitions in the window {WindowStart} … {WindowEnd - 1}. Run the " +
                "same version with the same options and environment on every machine.");
        }

        foreach (float priority in Priorities)
            if (!float.IsFinite(priority))
                throw new ArgumentException($"Expected finite priorities, got {priority}.");
    }

    private bool IsTerminated(int place) => ((ReplayFlags)Flags[place] & ReplayFlags.Terminated) != 0;

    private int CountTransitions()
    {
        int count = 0;
        for (int place = WindowStart; place < WindowEnd; place++)
            count += HasTransition(place) ? 1 : 0;
        return count;
    }

    /// <summary>Whether the window's first stack, and so each, reaches back to an episode's start or as far as it shows.</summary>
    private bool HasWholeStacks(int stackedFrames)
    {
        int first = WindowStart;
        while (first >= 0 && ((ReplayFlags)Flags[first] & ReplayFlags.EpisodeStart) == 0 && WindowStart - first < stackedFrames - 1)
            first--;
        return first >= 0;
    }

    /// <summary>
    /// Whether the window's last return, and so each, has all it reads: an episode's end follows, or as much as it looks ahead.
    /// </summary>
    private bool HasWholeReturns(int steps) =>
        !HasTransition(Places - 1) && (Places == WindowEnd || Places == WindowEnd + steps);
}
