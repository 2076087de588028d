using System.Diagnostics.CodeAnalysis;
using Dqn.Files;
using Dqn.Randomness;
using Dqn.Serialization;
using Dqn.Threading;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// The action-value network in C#: any <see cref="Sequential"/> architecture, forward, backward and optimizer.
/// Single precision. The same calls give the same bits whatever the number of threads, and an observation's values do
/// not depend on what else is in its batch. Bits also agree between instruction sets with fused multiply-add. Once a
/// batch size was seen, evaluating and fitting allocate nothing.
/// <para>
/// Not safe for concurrent use: a call while another thread's has not returned throws
/// <see cref="InvalidOperationException"/>. For many threads, give each a <see cref="Clone()"/>. Networks share the
/// process's worker threads: those used at the same time get along, and none keeps a thread of its own.
/// </para>
/// </summary>
/// <example><code>
/// using var network = new QNetwork(new CnnActionValue(4, 5), new Pcg64(seed), new QNetworkOptions
/// {
///     Optimizer = new RmsPropOptions { LearningRate = 0.00025 },
/// });
/// </code></example>
public sealed class QNetwork : IRiskAware, IResettable
{
    private readonly NetworkEngine _engine;
    private readonly WorkerPool? _pool;
    private SingleCaller _caller;
    private bool _disposed;

    /// <summary>
    /// Makes a network whose parameters are drawn as PyTorch initialises layers: uniform within ± 1 / √inputs.
    /// </summary>
    /// <param name="architecture">The layers.</param>
    /// <param name="random">
    /// Draws the parameters, in the order of the state dict; then, where layers are noisy or quantiles are drawn, the
    /// seed of that.
    /// </param>
    /// <param name="options">How it learns and computes; null for the defaults.</param>
    /// <exception cref="PlatformNotSupportedException">The processor lacks the chosen instruction set.</exception>
    public QNetwork(Sequential architecture, Pcg64 random, QNetworkOptions? options = null)
        : this(architecture, random, options, pool: null)
    {
    }

    /// <summary>As the public one, with worker threads handed in; null: the process's.</summary>
    internal QNetwork(Sequential architecture, Pcg64 random, QNetworkOptions? options, WorkerPool? pool)
        : this(architecture, options ?? new QNetworkOptions(), pool)
    {
        ArgumentNullException.ThrowIfNull(random);
        _engine.Initialize(random);
    }

    private QNetwork(Sequential architecture, QNetworkOptions options, WorkerPool? pool)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        (Architecture, Options, _pool) = (architecture, options, pool);
        var kernels = KernelSet.For(options.InstructionSet);
        _engine = new NetworkEngine(architecture, options, kernels, new WorkerTeam(options.Threads, pool));
    }

    /// <summary>What the network is made of.</summary>
    public Sequential Architecture { get; }

    /// <summary>How it learns and computes.</summary>
    public QNetworkOptions Options { get; }

    /// <inheritdoc/>
    public int ObservationBytes => Architecture.ObservationBytes;

    /// <inheritdoc/>
    public int ActionCount => Architecture.ActionCount;

    /// <summary>True unless layers are noisy: their noise changes values while the parameters stay the same.</summary>
    public bool IsBatchInvariant => _engine.Noise is not { HasLayers: true };

    /// <inheritdoc/>
    public double LearningRate
    {
        get => _engine.LearningRate;
        set
        {
            using SingleCaller.Visit visit = Enter();
            _engine.LearningRate = NetworkArguments.RequireLearningRate(value);
        }
    }

    internal NetworkEngine Engine => _engine;

    /// <inheritdoc/>
    public ValueDistribution Distribution => Architecture.Distribution;

    /// <inheritdoc/>
    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        using SingleCaller.Visit visit = Enter();
        int batch = BatchOf(observations);
        NetworkArguments.RequireLength((long)batch * ActionCount, values.Length, batch, nameof(values));
        _engine.Evaluate(observations, batch, values);
    }

    /// <inheritdoc/>
    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        int batch = NetworkArguments.BatchOfFit(this, observations, actions, targets, weights, tdErrors);
        return _engine.Fit(observations, batch, actions, targets, weights, tdErrors);
    }

    /// <inheritdoc/>
    public void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions)
    {
        using SingleCaller.Visit visit = Enter();
        int batch = BatchOf(observations);
        NetworkArguments.RequireLength(
            (long)batch * ActionCount * Distribution.Atoms, distributions.Length, batch, nameof(distributions));
        _engine.EvaluateDistributions(observations, batch, distributions);
    }

    /// <inheritdoc/>
    IQNetwork IQNetwork.Clone() => Clone();

    /// <inheritdoc cref="IQNetwork.Clone()"/>
    public QNetwork Clone() => Clone(Architecture);

    /// <inheritdoc/>
    IQNetwork IRiskAware.CloneAtRisk(double riskLevel) => CloneAtRisk(riskLevel);

    /// <inheritdoc cref="IRiskAware.CloneAtRisk"/>
    public QNetwork CloneAtRisk(double riskLevel) => Clone(NetworkArguments.AtRisk(Architecture, riskLevel));

    private QNetwork Clone(Sequential architecture)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        QNetwork clone = new(architecture, Options, _pool);
        _engine.Parameters.Values.Span.CopyTo(clone._engine.Parameters.Values.Span);
        if (_engine.Noise is { } noise)
            clone._engine.Noise!.Seed(noise.PeekSeed());
        return clone;
    }

    /// <inheritdoc/>
    public void CopyParametersFrom(IQNetwork source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!IsLaidOutAlike(source, out QNetwork? other))
        {
            LoadStateDict(source.GetStateDict());
            return;
        }

        using SingleCaller.Visit reading = other.Enter();
        other._engine.Parameters.Values.Span.CopyTo(_engine.Parameters.Values.Span);
    }

    /// <inheritdoc/>
    public void MoveParametersTowards(IQNetwork source, float fraction)
    {
        ArgumentNullException.ThrowIfNull(source);
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        NetworkArguments.RequireFraction(fraction);
        if (fraction == 1 || !IsLaidOutAlike(source, out QNetwork? other))
        {
            SoftUpdate.Apply(source, fraction, this);
            return;
        }

        using SingleCaller.Visit reading = other.Enter();
        _engine.MoveParametersTowards(other._engine.Parameters, fraction);
    }

    /// <inheritdoc/>
    public void ShrinkAndPerturb(double keep, double keepHead, ulong seed)
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireShare(keep, nameof(keep));
        RequireShare(keepHead, nameof(keepHead));
        using QNetwork other = new(Architecture, new Pcg64(seed), Options, _pool);
        HashSet<string> images = [.. LayerShapes.OfImages(Architecture).Select(parameter => parameter.Name)];
        _engine.Reset(other._engine.Parameters, name => (float)(1 - (images.Contains(name) ? keep : keepHead)));

        static void RequireShare(double share, string name)
        {
            if (!(share is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, share, $"{name}: expected 0 … 1.");
        }
    }

    /// <inheritdoc/>
    public void ResampleNoise()
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _engine.Noise?.Resample();
    }

    /// <inheritdoc/>
    public void ClearNoise()
    {
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        _engine.Noise?.Clear();
    }

    /// <inheritdoc/>
    public StateDict GetStateDict()
    {
        using SingleCaller.Visit visit = Enter();
        return ReadTensors(_engine.Parameters.Values);
    }

    /// <inheritdoc/>
    public void LoadStateDict(StateDict stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        IReadOnlyList<Parameters.Entry> entries = _engine.Parameters.Entries;
        foreach (string name in stateDict.Names)
        {
            if (!entries.Any(entry => entry.Name == name))
            {
                throw new ArgumentException(
                    $"Unknown tensor {FileText.Quote(name)}; expected " +
                    $"{FileText.List([.. entries.Select(e => e.Name)])}.",
                    nameof(stateDict));
            }
        }

        var values = new float[entries.Count][];
        for (int i = 0; i < values.Length; i++)
        {
            Parameters.Entry entry = entries[i];
            string expected = Tensor.Format([.. entry.Shape]);
            if (!stateDict.TryGet(entry.Name, out Tensor? tensor))
            {
                throw new ArgumentException(
                    $"Missing tensor {FileText.Quote(entry.Name)}, expected {expected}.", nameof(stateDict));
            }

            if (!tensor.Shape.AsSpan().SequenceEqual(entry.Shape))
            {
                throw new ArgumentException(
                    $"Tensor {FileText.Quote(entry.Name)}: expected the shape {expected}, got " +
                    $"{FileText.Shape(tensor.Shape.AsSpan())}.",
                    nameof(stateDict));
            }

            if (tensor.Type is not (TensorType.Float64 or TensorType.Float32 or TensorType.Float16
                or TensorType.BFloat16))
            {
                throw new ArgumentException(
                    $"Tensor {FileText.Quote(entry.Name)}: expected floating point numbers, got {tensor.Type}.",
                    nameof(stateDict));
            }

            values[i] = tensor.ToSingles();
            if (FiniteTensors.Complaint(entry.Name, tensor, values[i]) is { } complaint)
                throw new ArgumentException(complaint, nameof(stateDict));
        }

        for (int i = 0; i < values.Length; i++)
            entries[i].Write(values[i], _engine.Parameters.Values);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        QNetworkState.Save(_engine, writer);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Enter();
        ObjectDisposedException.ThrowIf(_disposed, this);
        QNetworkState.Load(_engine, reader);
    }

    /// <summary>Ends the process's worker threads if no other network or vector of environments needs them.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _engine.Team.Dispose();
    }

    /// <summary>
    /// The loss's gradients of the last <see cref="Fit"/>, by name, before clipping; complete where there is clipping.
    /// </summary>
    internal StateDict GetGradients() => ReadTensors(_engine.Gradients);

    private StateDict ReadTensors(AlignedBuffer source)
    {
        StateDict result = new();
        foreach (Parameters.Entry entry in _engine.Parameters.Entries)
        {
            var values = new float[entry.Count];
            entry.Read(source, values);
            result.Add(entry.Name, Tensor.FromSingles(values, entry.Shape));
        }

        return result;
    }

    /// <summary>Whether each of the other network's parameters lies where this one's does.</summary>
    private bool IsLaidOutAlike(IQNetwork source, [NotNullWhen(true)] out QNetwork? other)
    {
        other = source as QNetwork;
        return other is not null && other._engine.Kernels.Lanes == _engine.Kernels.Lanes
            && other._engine.Parameters.Signature == _engine.Parameters.Signature;
    }

    private SingleCaller.Visit Enter() =>
        _caller.Enter(nameof(QNetwork), "For many threads, make a Clone for each, or take turns under a lock.");

    private int BatchOf(ReadOnlySpan<byte> observations)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return NetworkArguments.BatchOf(this, observations);
    }
}
