using System.Globalization;
using Dqn.Environments;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>What an agent's memory comes to once it is full: counted when the agent is made, not met hours later.</summary>
internal static class AgentMemory
{
    private const int PriorityBytes = 16, StampBytes = 12;

    /// <summary>Throws where the replay buffer and the target network's kept values would not fit.</summary>
    /// <param name="spec">The environment's observations and actions.</param>
    /// <param name="options">The buffer's size, the batch's.</param>
    /// <param name="cachesTargets">Whether the target network's values are kept.</param>
    /// <param name="available">How many bytes the process may use; 0 where nobody knows.</param>
    /// <exception cref="ArgumentException">It would not fit: the message has the numbers.</exception>
    public static void Require(EnvironmentSpec spec, DqnOptions options, bool cachesTargets, long available)
    {
        Int128 place = spec.FrameBytes + ReplaySegment.BytesBeside(spec.MaskedActions) + (options.Prioritized is null ? 0 : PriorityBytes);
        Int128 value = cachesTargets ? StampBytes + (sizeof(float) * spec.ActionCount) : 0;
        Int128 batch = 2 * (Int128)options.BatchSize * spec.ObservationBytes;
        Int128 replay = options.BufferCapacity * place, cache = options.BufferCapacity * value;
        if (available <= 0 || replay + cache + batch <= available)
            return;
        string cure = cachesTargets && replay + batch <= available
            ? $"set {nameof(DqnOptions.CacheTargetValues)} to false, which costs time, or lower"
            : "lower";
        Int128 most = Int128.Max(0, available - batch) / (place + value);
        throw new ArgumentException(
            $"Expected an agent of at most {Gibibytes(available)} GiB, which this process may use, got one of " +
            $"{Gibibytes(replay + cache + batch)} GiB once its buffer is full: {options.BufferCapacity} frames take " +
            $"{Gibibytes(replay)} GiB, the target network's values of them {Gibibytes(cache)} GiB. To cure it, {cure} " +
            $"{nameof(DqnOptions.BufferCapacity)} (at most {most} would fit if the process needed nothing else).",
            nameof(options));
    }

    /// <summary>Throws where the rollouts of a <see cref="PqnAgent"/> would not fit.</summary>
    /// <param name="spec">The environment's observations and actions.</param>
    /// <param name="options">How many steps of how many environments.</param>
    /// <param name="available">How many bytes the process may use; 0 where nobody knows.</param>
    /// <exception cref="ArgumentException">They would not fit: the message has the numbers.</exception>
    public static void Require(EnvironmentSpec spec, PqnOptions options, long available)
    {
        Int128 place = spec.FrameBytes + ReplaySegment.BytesBeside(spec.MaskedActions);
        Int128 places = options.Environments * (Int128)(Rollouts.LaneCapacity(options.RolloutSteps) + spec.StackedFrames);
        Int128 batch = 2 * (Int128)options.BatchSize * spec.ObservationBytes;
        if (available <= 0 || places * place + batch <= available)
            return;
        throw new ArgumentException(
            $"Expected an agent of at most {Gibibytes(available)} GiB, which this process may use, got one of " +
            $"{Gibibytes(places * place + batch)} GiB: {options.RolloutSteps} steps of {options.Environments} environments " +
            $"take {Gibibytes(places * place)} GiB. To cure it, lower {nameof(PqnOptions.RolloutSteps)} or " +
            $"{nameof(PqnOptions.Environments)}.", nameof(options));
    }

    private static string Gibibytes(Int128 bytes) =>
        ((double)bytes / (1 << 30)).ToString("0.###", CultureInfo.InvariantCulture);
}
