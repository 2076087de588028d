using Dqn.Environments;
using Dqn.Replay;

namespace Dqn.Agents;

/// <summary>Whether a memory is for what an agent sees and does.</summary>
internal static class ReplayMatch
{
    /// <summary>Throws where it has not a lane for each environment.</summary>
    /// <exception cref="ArgumentException">The message says what was expected.</exception>
    public static void RequireLanes(IReplay replay, DqnOptions options) =>
        Require("lanes, one for each environment", options.Environments, replay.Lanes);

    /// <summary>Throws where it is not.</summary>
    /// <exception cref="ArgumentException">The message says what was expected.</exception>
    public static void Require(IReplaySource replay, EnvironmentSpec spec, DqnOptions options)
    {
        Require("bytes per observation", spec.ObservationBytes, replay.ObservationBytes);
        Require("masked actions", spec.MaskedActions, replay.MaskedActions);
        if (replay.IsPrioritized != options.Prioritized is not null)
        {
            throw new ArgumentException(
                $"Expected {(replay.IsPrioritized ? "a" : "no")} {nameof(DqnOptions)}.{nameof(DqnOptions.Prioritized)} beside " +
                $"a {replay.GetType().Name}, got {(options.Prioritized is null ? "none" : "one")}.", nameof(options));
        }
    }

    private static void Require(string what, int expected, int actual)
    {
        if (actual != expected)
            throw new ArgumentException($"Expected a replay of {expected} {what}, got {actual}.", "replay");
    }
}
