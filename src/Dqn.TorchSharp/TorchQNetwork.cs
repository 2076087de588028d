using System.Collections.Immutable;
using Dqn.Agents;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Serialization;
using Dqn.Values;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Dqn.Networks;

/// <summary>
/// The action-value network on LibTorch, on the processor or on a GPU: <see cref="TorchCnnActionValue"/>, any
/// <see cref="Sequential"/> architecture, or a module of one's own. Options, state dicts and saved states are
/// <see cref="QNetwork"/>'s, and the same seed starts with the same parameters; results agree but for rounding.
/// <para>
/// Unlike <see cref="QNetwork"/>'s, LibTorch's sums depend on the batch's size and on the number of threads, and on a
/// GPU some of them on the order of execution. <see cref="QNetworkOptions.Threads"/> counts for the whole process: the
/// network made last decides. <see cref="QNetworkOptions.InstructionSet"/> has no meaning here.
/// </para>
/// <para>
/// An agent's update is one piece of work on the device: the target network's values, the targets by whatever rule, the
/// fit, with one wait for what was found. On a GPU the replay buffer's frames stay there, so that a batch is sent as its
/// frames' places (<see cref="TorchOptions.FramesOnDevice"/>); and unless replay is prioritized, which needs the TD
/// errors, an update returns what the one before found, so that the GPU works while the program acts. The first returns
/// its own, and the second the same once more. That is saved with the agent: a resumed run returns the same.
/// </para>
/// <para>
/// A program that uses TorchSharp before its first network calls <see cref="TorchLibrary.Load"/> before that.
/// </para>
/// </summary>
/// <example><code>
/// var network = new TorchQNetwork(new CnnActionValue(4, 5), new Pcg64(seed), options.Network);
/// using var agent = new DqnAgent(network, environment.Spec, options, seed);
/// </code></example>
public sealed partial class TorchQNetwork : IUpdatingNetwork, IRiskAware
{
    private static readonly SingleValue s_single = new();
    private readonly Func<nn.Module<Tensor, Tensor>> _makeModule;
    private readonly ImmutableArray<int> _observationShape;
    private readonly bool _pixels;
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly TorchParameters _parameters;
    private readonly TorchTransfer _transfer;
    private readonly string _optimizerKind;
    private TorchOptimizer? _optimizer;
    private bool _training, _disposed;

    /// <summary>
    /// Makes a network whose parameters are drawn as <see cref="QNetwork"/> draws them: the same seed gives the same.
    /// </summary>
    /// <param name="architecture">The layers.</param>
    /// <param name="random">Draws the parameters, in the order of the state dict.</param>
    /// <param name="options">How it learns; null for the defaults.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="engine">What LibTorch is told; null for the defaults.</param>
    /// <exception cref="NotSupportedException">
    /// LibTorch, or the device asked for, is not there, or it has no such layer or optimizer.
    /// </exception>
    public TorchQNetwork(
        Sequential architecture, Pcg64 random, QNetworkOptions? options = null,
        TorchDevice device = TorchDevice.CudaIfAvailable, TorchOptions? engine = null)
        : this(
            MakerOf(architecture, random), architecture.ObservationShape, architecture.Pixels, architecture.ActionCount,
            options ?? new QNetworkOptions(), TorchLibrary.Device(device), engine ?? new TorchOptions(), architecture)
    {
        _parameters.Initialize(random, architecture.Layers.SelectMany(NormalisationsIn).ToHashSet());
    }

    /// <summary>
    /// Makes a network around a module: [batch, observation shape] of single precision in, [batch, actions] out. Its
    /// parameters stay as the first module made has them. Evaluation sets it to evaluate, fitting to train.
    /// </summary>
    /// <param name="makeModule">
    /// Makes a module of the architecture, single precision, on the processor; called once now and once for each clone.
    /// The network owns and disposes it. It should check its input's shape: in some builds LibTorch ends the process
    /// over shapes that do not fit.
    /// </param>
    /// <param name="observationShape">An observation's shape, each axis at least 1.</param>
    /// <param name="pixels">
    /// True: an observation is bytes, which reach the module divided by 255. False: 32-bit floats, taken as they are.
    /// </param>
    /// <param name="actionCount">How many actions are valued, at least 1.</param>
    /// <param name="options">How it learns; null for the defaults.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="engine">What LibTorch is told; null for the defaults.</param>
    /// <exception cref="NotSupportedException">LibTorch, or the device asked for, is not there.</exception>
    /// <exception cref="ArgumentException">A shape or count below 1, or a module without parameters.</exception>
    public TorchQNetwork(
        Func<nn.Module<Tensor, Tensor>> makeModule, ImmutableArray<int> observationShape, bool pixels, int actionCount,
        QNetworkOptions? options = null, TorchDevice device = TorchDevice.CudaIfAvailable, TorchOptions? engine = null)
        : this(
            makeModule, observationShape, pixels, actionCount, options ?? new QNetworkOptions(),
            TorchLibrary.Device(device), engine ?? new TorchOptions(), architecture: null)
    {
    }

    private TorchQNetwork(
        Func<nn.Module<Tensor, Tensor>> makeModule, ImmutableArray<int> observationShape, bool pixels, int actionCount,
        QNetworkOptions options, Device device, TorchOptions engine, Sequential? architecture)
    {
        ArgumentNullException.ThrowIfNull(makeModule);
        ArgumentOutOfRangeException.ThrowIfLessThan(actionCount, 1);
        if (observationShape.IsDefaultOrEmpty || observationShape.Any(axis => axis < 1))
        {
            throw new ArgumentException(
                "Expected a shape with axes of at least 1, got " +
                $"{(observationShape.IsDefault ? "none" : $"[{string.Join(", ", observationShape)}]")}.",
                nameof(observationShape));
        }

        (_makeModule, _observationShape, _pixels, ActionCount) = (makeModule, observationShape, pixels, actionCount);
        (Options, Device, EngineOptions) = (options, device, engine);
        LearningRate = options.Optimizer.LearningRate;
        Architecture = architecture;
        Distributions = new TorchDistributions(Distribution, options.Loss, device);
        ObservationBytes = observationShape.Aggregate(pixels ? 1 : sizeof(float), (size, axis) => checked(size * axis));
        _optimizerKind = TorchOptimizer.KindOf(options.Optimizer);
        set_num_threads(options.Threads == 0 ? Environment.ProcessorCount : options.Threads);
        TorchLibrary.AllowTf32(engine.AllowTf32);
        using (NewDisposeScope())
        {
            _module = makeModule();
            _module.eval();
            _parameters = new TorchParameters(_module, device);
        }

        _transfer = MakeTransfer();
    }

    /// <summary>What the network is made of; null for a module of the user's.</summary>
    public Sequential? Architecture { get; }

    /// <inheritdoc/>
    public ValueDistribution Distribution => Architecture?.Distribution ?? s_single;

    /// <summary>How it learns.</summary>
    public QNetworkOptions Options { get; }

    /// <summary>What LibTorch was told.</summary>
    public TorchOptions EngineOptions { get; }

    /// <summary>Whether it computes on a GPU.</summary>
    public bool IsOnCuda => Device.type == DeviceType.CUDA;

    /// <inheritdoc/>
    public int ObservationBytes { get; }

    /// <inheritdoc/>
    public int ActionCount { get; }

    /// <inheritdoc/>
    public double LearningRate
    {
        get;
        set => field = NetworkArguments.RequireLearningRate(value);
    }

    /// <inheritdoc/>
    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        int batch = BatchOf(observations);
        NetworkArguments.RequireLength((long)batch * ActionCount, values.Length, batch, nameof(values));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor outputs = Forward(Send(observations, batch), training: false);
        Receive(Distributions.Means(Distributions.Describe(outputs)), values);
    }

    /// <inheritdoc/>
    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int batch = NetworkArguments.BatchOfFit(this, observations, actions, targets, weights, tdErrors);

        using DisposeScope scope = NewDisposeScope();
        (Tensor index, Tensor goals, Tensor? factors) = _transfer.Send(actions, targets, weights);
        goals = goals.view(batch, Distribution.Atoms);
        FitResult result = Read(
            FitTowards(Send(observations, batch), index, goals, factors), out ReadOnlySpan<float> errors);
        if (!tdErrors.IsEmpty)
            errors.CopyTo(tdErrors);
        return result;
    }

    /// <inheritdoc/>
    public void EvaluateDistributions(ReadOnlySpan<byte> observations, Span<float> distributions)
    {
        int batch = BatchOf(observations);
        NetworkArguments.RequireLength(
            (long)batch * ActionCount * Distribution.Atoms, distributions.Length, batch, nameof(distributions));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Receive(Distributions.Describe(Forward(Send(observations, batch), training: false)), distributions);
    }

    /// <inheritdoc/>
    IUpdater IUpdatingNetwork.MakeUpdater(IQNetwork target, IReplaySource replay, DqnOptions options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        TorchFrames? frames = TorchFrames.Create(replay.Local, EngineOptions.FramesOnDevice, Device, _pixels);
        return new TorchUpdater(this, (TorchQNetwork)target, replay, options, frames);
    }

    /// <inheritdoc/>
    IQNetwork IQNetwork.Clone() => Clone();

    /// <inheritdoc cref="IQNetwork.Clone()"/>
    public TorchQNetwork Clone() => Clone(Architecture);

    /// <inheritdoc/>
    IQNetwork IRiskAware.CloneAtRisk(double riskLevel) => CloneAtRisk(riskLevel);

    /// <inheritdoc cref="IRiskAware.CloneAtRisk"/>
    public TorchQNetwork CloneAtRisk(double riskLevel) => Clone(NetworkArguments.AtRisk(Architecture, riskLevel));

    private TorchQNetwork Clone(Sequential? architecture)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        TorchQNetwork clone = new(
            _makeModule, _observationShape, _pixels, ActionCount, Options, Device, EngineOptions, architecture);
        clone.CopyParametersFrom(this);
        return clone;
    }

    /// <inheritdoc/>
    public void CopyParametersFrom(IQNetwork source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (LaidOutAlike(source) is not { } other)
        {
            LoadStateDict(source.GetStateDict());
            return;
        }

        using IDisposable noGradient = no_grad();
        _parameters.Values.copy_(other.Values);
        CopyBuffersFrom(other);
    }

    /// <inheritdoc/>
    /// <remarks>What a module of the user's keeps besides parameters is copied.</remarks>
    public void MoveParametersTowards(IQNetwork source, float fraction)
    {
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_disposed, this);
        NetworkArguments.RequireFraction(fraction);
        if (fraction == 1)
        {
            CopyParametersFrom(source);
        }
        else if (LaidOutAlike(source) is { } goals)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            using Scalar step = fraction;
            _parameters.Values.add_(goals.Values - _parameters.Values, step);
            CopyBuffersFrom(goals);
        }
        else
        {
            using TorchQNetwork copy = Clone();
            copy.LoadStateDict(source.GetStateDict());
            MoveParametersTowards(copy, fraction);
        }
    }

    /// <inheritdoc/>
    public StateDict GetStateDict()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return TorchStateDict.Get(_parameters, _parameters.Values);
    }

    /// <inheritdoc/>
    public void LoadStateDict(StateDict stateDict)
    {
        ArgumentNullException.ThrowIfNull(stateDict);
        ObjectDisposedException.ThrowIf(_disposed, this);
        TorchStateDict.Load(_parameters, stateDict);
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ObjectDisposedException.ThrowIf(_disposed, this);
        TorchNetworkState.Save(_parameters, Signature, _optimizerKind, _optimizer, writer);
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ObjectDisposedException.ThrowIf(_disposed, this);
        TorchNetworkState.Load(
            _parameters, Signature, _optimizerKind, RequireOptimizer, _optimizer is not null, reader);
    }

    /// <summary>Frees the parameters, the module and the optimizer's memory.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _optimizer?.Dispose();
        Distributions.Dispose();
        _transfer.Dispose();
        _parameters.Dispose();
    }

    /// <summary>
    /// The loss's gradients of the last <see cref="Fit"/>, by name; shortened where there is clipping.
    /// </summary>
    internal StateDict GetGradients() => TorchStateDict.Get(_parameters, _parameters.Gradients);

    private static Func<nn.Module<Tensor, Tensor>> MakerOf(Sequential architecture, Pcg64 random)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(random);
        bool isNotebooks = architecture is CnnActionValue { ObservationShape: [int channels, int height, int width] }
            && architecture.Layers.SequenceEqual(
                new CnnActionValue(channels, architecture.ActionCount, height, width).Layers);
        return isNotebooks
            ? () => new TorchCnnActionValue(
                architecture.ObservationShape[0], architecture.ActionCount, architecture.ObservationShape[1],
                architecture.ObservationShape[2])
            : () => new TorchSequential(architecture);
    }

    private static IEnumerable<string> NormalisationsIn(Layer layer) => layer switch
    {
        LayerNorm norm => [norm.Name],
        Residual residual => residual.Layers.SelectMany(NormalisationsIn),
        Dueling dueling => dueling.Value.Concat(dueling.Advantage).SelectMany(NormalisationsIn),
        _ => [],
    };

    private void CopyBuffersFrom(TorchParameters other)
    {
        for (int i = 0; i < _parameters.Buffers.Count; i++)
            _parameters.Buffers[i].Tensor.copy_(other.Buffers[i].Tensor);
    }

    /// <summary>What has to agree for a network to take on another's state.</summary>
    private string Signature => _parameters.Signature + NetworkArguments.Signature(Distribution);

    private TorchOptimizer RequireOptimizer() =>
        _optimizer ??= TorchOptimizer.Make(Options.Optimizer, _parameters.Values);

    /// <summary>The other network's parameters if each lies where this one's does, else null.</summary>
    private TorchParameters? LaidOutAlike(IQNetwork source) =>
        source is TorchQNetwork { _parameters: var other } && other.Signature == _parameters.Signature ? other : null;

    private Tensor Send(ReadOnlySpan<byte> observations, int batch) =>
        _transfer.Scale(_transfer.Send(batch, observations));

    private int BatchOf(ReadOnlySpan<byte> observations)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return NetworkArguments.BatchOf(this, observations);
    }
}
