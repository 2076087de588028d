using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// What an agent has learnt, to be asked: the action of the greatest value, the first of equals. Immutable: training that
/// goes on does not change it. Safe for any number of threads at once, each with the same answers, without a lock, and
/// without allocating once as many threads have asked at once before.
/// </summary>
/// <example><code>
/// using var policy = new GreedyPolicy(agent.EvaluationNetwork, environment.Spec);
/// int action = policy.Act(observation);
/// </code></example>
public sealed class GreedyPolicy : IDisposable
{
    // A copy of the network for each call that is under way at the same time. Idle ones lie here; more calls at once than
    // places make copies for the call alone.
    private const int Places = 64;

    private readonly Lock _copying = new();
    private readonly IQNetwork _source;
    private readonly Copy?[] _idle = new Copy?[Places];
    private volatile bool _disposed;

    /// <summary>Takes the network's values as they are now, without noise.</summary>
    /// <param name="network">Is copied; it stays the caller's.</param>
    /// <param name="spec">The observations and actions that the network is for.</param>
    /// <exception cref="ArgumentException">The network is for other observations or actions.</exception>
    public GreedyPolicy(IQNetwork network, EnvironmentSpec spec)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        if (network.ObservationBytes != spec.ObservationBytes || network.ActionCount != spec.ActionCount)
        {
            throw new ArgumentException(
                $"Expected a network for {spec.Name}'s observations of {spec.ObservationBytes} bytes and " +
                $"{spec.ActionCount} actions, got one for {network.ObservationBytes} bytes and {network.ActionCount}.",
                nameof(network));
        }

        (_source, Spec) = (network.Clone(), spec);
        _source.ClearNoise();
    }

    /// <summary>The observations and actions.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>The action of the greatest value.</summary>
    /// <param name="observation">[<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <exception cref="ArgumentException">The observation has another length.</exception>
    public int Act(ReadOnlySpan<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Copy copy = Rent();
        copy.Network.Evaluate(observation, copy.Values);
        int action = TemporalDifference.GreedyAction(copy.Values);
        Return(copy);
        return action;
    }

    /// <summary>The values of all actions.</summary>
    /// <param name="observation">[<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="values">Destination, [<see cref="EnvironmentSpec.ActionCount"/>].</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Evaluate(ReadOnlySpan<byte> observation, Span<float> values)
    {
        Spec.ThrowIfNotAnObservation(observation);
        if (values.Length != Spec.ActionCount)
            throw new ArgumentException($"Expected room for {Spec.ActionCount} values, got {values.Length}.", nameof(values));
        Copy copy = Rent();
        copy.Network.Evaluate(observation, values);
        Return(copy);
    }

    /// <summary>Frees the copies. Nobody may ask any more.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        for (int i = 0; i < Places; i++)
            Interlocked.Exchange(ref _idle[i], null)?.Network.Dispose();
        _source.Dispose();
    }

    // Each thread begins elsewhere, so that it mostly meets its own copy, which is in its core's cache.
    private Copy Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int start = Environment.CurrentManagedThreadId;
        for (int i = 0; i < Places; i++)
        {
            ref Copy? place = ref _idle[(start + i) % Places];
            if (place is not null && Interlocked.Exchange(ref place, null) is { } idle)
                return idle;
        }

        lock (_copying)
            return new Copy(_source.Clone());
    }

    private void Return(Copy copy)
    {
        int start = Environment.CurrentManagedThreadId;
        for (int i = 0; i < Places; i++)
        {
            ref Copy? place = ref _idle[(start + i) % Places];
            if (place is null && Interlocked.CompareExchange(ref place, copy, null) is null)
            {
                if (_disposed)
                    Interlocked.Exchange(ref place, null)?.Network.Dispose();
                return;
            }
        }

        copy.Network.Dispose();
    }

    private sealed class Copy(IQNetwork network)
    {
        public readonly IQNetwork Network = network;
        public readonly float[] Values = new float[network.ActionCount];
    }
}
