using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Dqn.Threading;

/// <summary>
/// For a class that is not safe for concurrent use: each public call enters first, and one from a second thread throws
/// instead of spoiling the first one's work. Costs some nanoseconds. A field that is not readonly.
/// </summary>
internal struct SingleCaller
{
    // The managed number of the thread that is inside; 0: none is.
    private int _thread;

    /// <summary>Enters until the result is disposed. The thread that is inside may enter again from there.</summary>
    /// <param name="type">The class's name, for the message.</param>
    /// <param name="cure">What to do instead, as a sentence.</param>
    /// <exception cref="InvalidOperationException">Another thread is inside.</exception>
    [UnscopedRef]
    public Visit Enter(string type, string cure)
    {
        int thread = Environment.CurrentManagedThreadId;
        int inside = Interlocked.CompareExchange(ref _thread, thread, 0);
        if (inside == 0)
            return new Visit(ref _thread);
        if (inside != thread)
            Throw(type, cure);
        return default;
    }

    [DoesNotReturn]
    private static void Throw(string type, string cure) => throw new InvalidOperationException(
        $"{type}: expected one thread at a time, but a call of another thread has not returned. {cure}");

    /// <summary>A call that is under way, or one from inside it.</summary>
    public readonly ref struct Visit
    {
        private readonly ref int _thread;

        internal Visit(ref int thread) => _thread = ref thread;

        public void Dispose()
        {
            if (!Unsafe.IsNullRef(ref _thread))
                Volatile.Write(ref _thread, 0);
        }
    }
}
