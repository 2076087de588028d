using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>
/// What an agent has learnt, to be asked: the action of the greatest value, the first of equals. Immutable: training that
/// goes on does not change it. Safe for any number of threads at once, each with the same answers, without a lock, and
/// without allocating once as many threads have asked at once before.
/// </summary>
/// <example><code>
/// using (var policy = new GreedyPolicy(agent.EvaluationNetwork, environment))
///     policy.Save("policy.safetensors");
///
/// using var loaded = GreedyPolicy.Load("policy.safetensors");
/// using IEnvironment environment = loaded.Wrap(new MyEnvironment());
/// int action = loaded.Act(observation);
/// </code></example>
public sealed class GreedyPolicy : IDisposable
{
    // A copy of the network for each call that is under way at the same time. Idle ones lie here; more calls at once than
    // places make copies for the call alone.
    private const int Places = 64;

    private readonly Lock _copying = new();
    private readonly IQNetwork _source;
    private readonly Copy?[] _idle = new Copy?[Places];
    private readonly JsonObject? _environment;
    private volatile bool _disposed;

    /// <summary>Takes the network's values as they are now, without noise.</summary>
    /// <param name="network">Is copied; it stays the caller's.</param>
    /// <param name="spec">The observations and actions that the network is for.</param>
    /// <exception cref="ArgumentException">The network is for other observations or actions.</exception>
    public GreedyPolicy(IQNetwork network, EnvironmentSpec spec)
        : this(network, spec, environment: null)
    {
    }

    /// <summary>
    /// Takes the network's values as they are now, and remembers the environment's wrappers, so that
    /// <see cref="Save"/> keeps all that it takes to act.
    /// </summary>
    /// <param name="network">Is copied; it stays the caller's.</param>
    /// <param name="environment">What the network acts in, wrappers included; it stays the caller's.</param>
    /// <exception cref="ArgumentException">The network is for other observations or actions.</exception>
    public GreedyPolicy(IQNetwork network, IEnvironment environment)
        : this(network, environment?.Spec!, environment?.Describe())
    {
    }

    private GreedyPolicy(IQNetwork network, EnvironmentSpec spec, JsonObject? environment)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(spec);
        NetworkMatch.Require(network, spec);
        (_source, Spec, _environment) = (network.Clone(), spec, environment);
        _source.ClearNoise();
    }

    /// <summary>The observations and actions.</summary>
    public EnvironmentSpec Spec { get; }

    /// <summary>Reads a policy that <see cref="Save"/> wrote, or the weights that a training run leaves.</summary>
    /// <param name="path">A .safetensors file.</param>
    /// <param name="options">Which network, and how it computes; null for the defaults.</param>
    /// <exception cref="InvalidDataException">
    /// It is no such file, or does not say its architecture or the observations that it is for: nothing is guessed.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GreedyPolicy Load(string path, NetworkFileOptions? options = null)
    {
        using LoadedNetwork loaded = NetworkFile.Read(path, options);
        EnvironmentSpec spec = PolicyMetadata.Spec(loaded.Metadata) ?? throw new InvalidDataException(
            $"{path}: expected metadata '{PolicyMetadata.SpecKey}' that says what observations and actions the network is " +
            "for, found none. If you know them: new GreedyPolicy(NetworkFile.Read(path).Network, spec).");
        return new GreedyPolicy(loaded.Network, spec, PolicyMetadata.Environment(loaded.Metadata));
    }

    /// <summary>
    /// Writes weights, architecture, spec and the environment's wrappers into one file, which <see cref="Load"/> reads.
    /// </summary>
    /// <param name="path">A .safetensors file.</param>
    /// <exception cref="ArgumentException">Another extension, whose format keeps weights alone.</exception>
    /// <exception cref="IOException">The file cannot be written; what was there before still is.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!string.Equals(Path.GetExtension(path), ".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"Expected a file named .safetensors, which keeps all that a policy needs, got '{path}'.", nameof(path));
        }

        lock (_copying)
            NetworkFile.Write(path, _source, PolicyMetadata.Of(Spec, _environment));
    }

    /// <summary>Puts the wrappers that the policy was made with around a bare task.</summary>
    /// <param name="task">The bare task; the result owns it.</param>
    /// <param name="own">How wrappers of one's own are made again; see <see cref="EnvironmentPipeline.Rebuild"/>.</param>
    /// <exception cref="InvalidOperationException">The policy was made from a spec, without wrappers.</exception>
    /// <exception cref="InvalidDataException">A wrapper cannot be made again, or the task is another.</exception>
    public IEnvironment Wrap(
        IEnvironment task, IReadOnlyDictionary<string, Func<IEnvironment, JsonObject, IEnvironment>>? own = null)
    {
        if (_environment is null)
        {
            throw new InvalidOperationException(
                "Expected a policy that was made with its environment: new GreedyPolicy(network, environment).");
        }

        IEnvironment environment = EnvironmentPipeline.Rebuild(_environment, task, own);
        return environment.Spec.Equals(Spec) ? environment : throw new InvalidDataException(
            $"Expected wrappers that give {Spec.Name}'s observations of [{string.Join(", ", Spec.ObservationShape)}], got " +
            $"[{string.Join(", ", environment.Spec.ObservationShape)}].");
    }

    /// <summary>
    /// What <see cref="IEnvironment.Describe"/> said of the environment that the policy was made with, wrappers included;
    /// null if it was made from a spec.
    /// </summary>
    public JsonObject? DescribeEnvironment()
    {
        lock (_copying) // Reading a JSON object may unfold it.
            return _environment?.DeepClone().AsObject();
    }

    /// <summary>Makes an independent network of the policy's values, without noise: for a file of another format.</summary>
    public IQNetwork CloneNetwork()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        lock (_copying)
            return _source.Clone();
    }

    /// <summary>The legal action of the greatest value.</summary>
    /// <param name="observation">[<see cref="EnvironmentSpec.ObservationBytes"/>].</param>
    /// <param name="legalActions">
    /// [actions], which are legal here; where <see cref="EnvironmentSpec.HasIllegalActions"/> is false nothing.
    /// </param>
    /// <exception cref="ArgumentException">The observation or the mask has another length, or no action is legal.</exception>
    public int Act(ReadOnlySpan<byte> observation, ReadOnlySpan<bool> legalActions = default)
    {
        Spec.ThrowIfNotAnObservation(observation);
        LegalActions.Require(legalActions, Spec.MaskedActions);
        Copy copy = Rent();
        copy.Network.Evaluate(observation, copy.Values);
        int action = TemporalDifference.GreedyAction(copy.Values, legalActions);
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
