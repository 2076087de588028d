namespace Dqn.Threading;

/// <summary>What a worker's thread is doing.</summary>
internal enum WorkerState
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>It works, or looks for work before it sleeps.</summary>
    Awake,

    /// <summary>It waits for its semaphore; whoever makes it <see cref="Awake"/> releases that.</summary>
    Asleep,
}
