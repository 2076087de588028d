using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// How a <see cref="DqnAgent"/> acts and learns. The defaults are the notebook's, those of V. Mnih et al. (2015) for a
/// smaller memory. Steps are agent steps: one action each, however many frames it is repeated for.
/// </summary>
public sealed record DqnOptions
{
    /// <summary>How often a random action is taken. Default: 1 → 0.1 over 1,000,000 steps.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public EpsilonSchedule Epsilon
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Epsilon));
    } = new();

    /// <summary>γ, what a reward one step later counts, 0 … 1. Default 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Discount
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Discount), value, "0 … 1");
    } = 0.99;

    /// <summary>How many transitions one update learns from, 1 … 65,536. Default 32.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public int BatchSize
    {
        get;
        init => field = value is >= 1 and <= 65_536 ? value : throw OutOfRange(nameof(BatchSize), value, "1 … 65536");
    } = 32;

    /// <summary>For how many steps actions are random and nothing is learnt, at least 0. Default 5,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long WarmupSteps
    {
        get;
        init => field = value >= 0 ? value : throw OutOfRange(nameof(WarmupSteps), value, "at least 0");
    } = 5_000;

    /// <summary>
    /// How many frames' transitions the replay buffer keeps, at least 1; see
    /// <see cref="Replay.ReplayBuffer.Capacity"/>. Default 100,000.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long BufferCapacity
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(BufferCapacity), value, "at least 1");
    } = 100_000;

    /// <summary>The target network becomes the online one every so many steps, at least 1. Default 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long TargetUpdatePeriod
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(TargetUpdatePeriod), value, "at least 1");
    } = 10_000;

    /// <summary>There is one update every so many steps after the warm-up, at least 1. Default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long UpdatePeriod
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(UpdatePeriod), value, "at least 1");
    } = 1;

    /// <summary>
    /// Whether the online network selects the next action that the target network values
    /// (<see cref="TemporalDifference.DoubleValues"/>). Default false.
    /// </summary>
    public bool DoubleDqn { get; init; }

    /// <summary>
    /// The optimizer (RMSProp, learning rate 0.00025), the loss (mean squared) and the threads of the network that
    /// <see cref="DqnAgent.Create"/> makes; a network given to the constructor has its own.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public QNetworkOptions Network
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(Network));
    } = new();

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, string expected) =>
        new(property, value, $"{nameof(DqnOptions)}.{property}: expected {expected}.");
}
