namespace Dqn.Benchmarks.Learning;

/// <summary>Tasks for which an agent has the same options.</summary>
internal enum TaskFamily
{
    /// <summary>A few numbers: CartPole, MountainCar, Acrobot.</summary>
    Numbers,

    /// <summary>MinAtar's 10 × 10 cells.</summary>
    Cells,

    /// <summary>CarRacing's pictures.</summary>
    Racing,
}
