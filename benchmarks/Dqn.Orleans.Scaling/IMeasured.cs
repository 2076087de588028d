namespace Dqn.Benchmarks;

/// <summary>A silo that says what it has done, in this process or another.</summary>
internal interface IMeasured : IAsyncDisposable
{
    /// <summary>Steps, steps taken in by its learner, seconds of processor time.</summary>
    double[] Figures();
}
