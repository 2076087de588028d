namespace Dqn.Replay;

/// <summary>
/// A batch of transitions (s, a, r, s′, γ′) in memory that the caller makes once and
/// <see cref="IReplaySource.Sample"/> fills as often as wanted.
/// </summary>
public sealed class TransitionBatch
{
    private readonly byte[] _observations;
    private readonly byte[] _nextObservations;
    private readonly int[] _actions;
    private readonly float[] _rewards;
    private readonly float[] _discounts;
    private readonly float[] _weights;
    private readonly bool[] _terminated;
    private readonly long[] _ids;
    private readonly long[] _nextIds;
    private readonly bool[] _legalActions;
    private readonly bool[] _nextLegalActions;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="size">How many transitions it holds, at least 1.</param>
    /// <param name="observationBytes">How many bytes a whole observation takes, all of its stack, at least 1.</param>
    /// <param name="maskedActions">How many actions' legality comes with each observation; 0: none.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is below its least, or the batch exceeds an array's limit.
    /// </exception>
    public TransitionBatch(int size, int observationBytes, int maskedActions = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(observationBytes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(maskedActions);
        if ((long)size * observationBytes > Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(size), size,
                $"Expected at most {Array.MaxLength / observationBytes} observations of {observationBytes} bytes.");
        }

        Size = size;
        ObservationBytes = observationBytes;
        MaskedActions = maskedActions;
        _observations = GC.AllocateUninitializedArray<byte>(size * observationBytes);
        _nextObservations = GC.AllocateUninitializedArray<byte>(size * observationBytes);
        _actions = new int[size];
        _rewards = new float[size];
        _discounts = new float[size];
        _weights = new float[size];
        _terminated = new bool[size];
        _ids = new long[size];
        _nextIds = new long[size];
        _legalActions = new bool[checked(size * maskedActions)];
        _nextLegalActions = new bool[_legalActions.Length];
    }

    /// <summary>How many transitions the batch holds.</summary>
    public int Size { get; }

    /// <summary>How many bytes one observation takes.</summary>
    public int ObservationBytes { get; }

    /// <summary>How many actions' legality comes with each observation; 0: all are always legal.</summary>
    public int MaskedActions { get; }

    /// <summary>
    /// s: [<see cref="Size"/>, <see cref="ObservationBytes"/>], each observation's frames oldest first.
    /// </summary>
    public Span<byte> Observations => _observations;

    /// <summary>a: [<see cref="Size"/>], the actions taken.</summary>
    public Span<int> Actions => _actions;

    /// <summary>
    /// r: [<see cref="Size"/>], the rewards they gave; of several steps Σ γᵏ rₖ₊₁, each summed over the steps taken.
    /// </summary>
    public Span<float> Rewards => _rewards;

    /// <summary>
    /// γ′: [<see cref="Size"/>], what the value of s′ counts: γ to the power of the steps taken, 0 where the task
    /// terminated.
    /// </summary>
    public Span<float> Discounts => _discounts;

    /// <summary>
    /// s′: [<see cref="Size"/>, <see cref="ObservationBytes"/>], what was observed after those steps.
    /// </summary>
    public Span<byte> NextObservations => _nextObservations;

    /// <summary>[<see cref="Size"/>, <see cref="MaskedActions"/>]: which actions are legal at s.</summary>
    public Span<bool> LegalActions => _legalActions;

    /// <summary>
    /// [<see cref="Size"/>, <see cref="MaskedActions"/>]: which actions are legal at s′; where that has no future, maybe none.
    /// </summary>
    public Span<bool> NextLegalActions => _nextLegalActions;

    /// <summary>
    /// [<see cref="Size"/>]: s′ has no future, so its value is 0. False where the episode was only cut off.
    /// </summary>
    public Span<bool> Terminated => _terminated;

    /// <summary>
    /// [<see cref="Size"/>]: how much each transition's error counts, 0 … 1. All are 1 if the buffer is not prioritized.
    /// </summary>
    public Span<float> Weights => _weights;

    /// <summary>
    /// [<see cref="Size"/>]: each transition's number, which no other transition of the buffer ever gets: the key for
    /// what is remembered about a transition. Numbers grow in order of arrival, with a gap at an episode's end.
    /// </summary>
    public Span<long> Ids => _ids;

    /// <summary>
    /// [<see cref="Size"/>]: the numbers of s′, numbered as transitions are: where a transition began there, its own.
    /// The key for what is remembered about s′, which stays the same observation as long as it is stored.
    /// </summary>
    internal Span<long> NextIds => _nextIds;
}
