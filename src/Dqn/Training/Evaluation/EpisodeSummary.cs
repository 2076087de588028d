using System.Globalization;

namespace Dqn.Training;

/// <summary>An episode that ended.</summary>
/// <param name="Return">
/// The official return: every reward of the episode where an <c>EpisodeStatistics</c> among the
/// wrappers counted them, else the sum of the rewards that the agent saw.
/// </param>
/// <param name="Steps">How many agent steps it took.</param>
/// <param name="Terminated">The task ended.</param>
/// <param name="Truncated">It was cut off by a limit outside the task.</param>
/// <param name="Frames">
/// How many frames of the environment it took where an <c>EpisodeStatistics</c> among the wrappers counted them, those
/// that the agent did not see included; else the same as <paramref name="Steps"/>.
/// </param>
public readonly record struct EpisodeSummary(double Return, int Steps, bool Terminated, bool Truncated, int Frames)
{
    /// <summary>For a line of text: "return 913.7 in 238 steps, terminated".</summary>
    public override string ToString()
    {
        string end = (Terminated, Truncated) switch
        {
            (true, _) => "terminated",
            (_, true) => "truncated",
            _ => "going on",
        };
        return string.Create(CultureInfo.InvariantCulture, $"return {Return:0.0##} in {Steps} steps, {end}");
    }
}
