namespace Dqn.Training;

/// <summary>Where measured numbers go. Not safe for concurrent use.</summary>
public interface IMetricSink : IDisposable
{
    /// <summary>Takes a number.</summary>
    /// <param name="name">What was measured: <c>train/loss</c>.</param>
    /// <param name="step">The agent step after which it was; never less than in the call before.</param>
    /// <param name="value">The number; NaN where there is none.</param>
    void Write(string name, long step, double value);

    /// <summary>Brings everything taken so far to where it can be seen.</summary>
    void Flush();
}
