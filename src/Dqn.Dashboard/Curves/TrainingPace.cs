namespace Dqn.Watching;

/// <summary>Agent steps a second, from when a run's reports were written.</summary>
internal static class TrainingPace
{
    /// <summary>The pace from each report to the next, at the step of the later one.</summary>
    /// <param name="reports">Agent step and seconds of training of each.</param>
    public static IEnumerable<(double Step, double StepsPerSecond)> Of(
        IEnumerable<(double Step, double Seconds)> reports)
    {
        (double Step, double Seconds) before = (0, 0);
        foreach ((double step, double seconds) in reports)
        {
            if (step > before.Step && seconds > before.Seconds)
                yield return (step, (step - before.Step) / (seconds - before.Seconds));
            before = (step, seconds);
        }
    }
}
