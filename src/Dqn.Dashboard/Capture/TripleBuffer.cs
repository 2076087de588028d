namespace Dqn.Watching;

/// <summary>
/// Hands the newest of something from one thread to another without either waiting, and without allocating: one copy is
/// being written, one is ready, one is being read. What nobody reads in time is overwritten.
/// </summary>
internal sealed class TripleBuffer<T>(Func<T> create)
    where T : class
{
    // Which copy is ready, and this where nobody has read it yet.
    private const int Fresh = 4;

    private readonly T[] _copies = [create(), create(), create()];
    private int _back = 0, _ready = 1, _front = 2;

    /// <summary>The writer's.</summary>
    public T Back => _copies[_back];

    /// <summary>The reader's.</summary>
    public T Front => _copies[_front];

    /// <summary>The writer: what is in <see cref="Back"/> is the newest now.</summary>
    public void Publish() => _back = Interlocked.Exchange(ref _ready, _back | Fresh) & ~Fresh;

    /// <summary>The reader: brings the newest to <see cref="Front"/>.</summary>
    /// <returns>Whether there is something new.</returns>
    public bool Take()
    {
        if ((Volatile.Read(ref _ready) & Fresh) == 0)
            return false;
        _front = Interlocked.Exchange(ref _ready, _front) & ~Fresh;
        return true;
    }
}
