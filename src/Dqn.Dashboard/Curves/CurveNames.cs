namespace Dqn.Watching;

/// <summary>The curves beyond those of <c>history.csv</c>, whose columns keep their names.</summary>
internal static class CurveNames
{
    /// <summary>An episode's return.</summary>
    public const string EpisodeReturn = "episode/return";

    /// <summary>Agent steps a second of training, without evaluations and pauses.</summary>
    public const string Speed = "speed/steps_per_second";

    /// <summary>Seconds of training left.</summary>
    public const string TimeLeft = "speed/time_left";
}
