using Dqn.Randomness;
using Dqn.Threading;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// The computation behind <see cref="QNetwork"/>: layers in order, their buffers, the loss and the optimizer.
/// </summary>
internal sealed unsafe class NetworkEngine
{
    // Parameters per task of the optimizer and per partial sum of the gradient's norm.
    private const int Chunk = 1 << 14;

    private readonly Sequential _architecture;
    private readonly QNetworkOptions _options;
    private readonly LayerChain _layers;
    private readonly ObservationConverter _converter;

    // The converted observations unless a convolution comes first, which asks for them; what the last layer gives, and its gradients:
    // [batch, length].
    private readonly AlignedBuffer _inputs = new(), _outputs = new(), _outputGradients = new();
    private readonly Action<int, int> _update, _norm, _move;

    // One action's distribution.
    private readonly float[] _scratch;

    // Null unless quantiles are drawn.
    private readonly QuantileEmbeddingLayer? _quantiles;
    private readonly SpectralConv2dLayer[] _spectral;

    // All parameters in chunks, those that are learnt, and those of them that no layer updates by itself.
    private readonly (int Start, int Count)[] _all, _chunks, _chunksLeft;
    private readonly double[] _partialNorms;
    private (int Start, int Count)[] _updated = [];
    private float* _goals;
    private float _fraction;

    public NetworkEngine(Sequential architecture, QNetworkOptions options, KernelSet kernels, WorkerTeam team)
    {
        (_architecture, _options, Kernels, Team) = (architecture, options, kernels, team);
        _converter = new ObservationConverter(architecture, kernels);
        LayerBuilder builder = new(kernels, team);
        _layers = builder.Build(architecture, _converter);
        (_quantiles, _spectral) = (builder.QuantileLayer, [.. builder.SpectralLayers]);
        Noise = builder.NoisyLayers.Count > 0 || _quantiles is not null ? new NetworkNoise(builder.NoisyLayers) : null;
        Parameters = new Parameters(_layers.Parameters);
        _scratch = new float[Math.Max(architecture.Distribution.Atoms, architecture.Distribution.Fitted)];
        Gradients = new AlignedBuffer();
        (OptimizerKind, LearningRate) = (MakeOptimizer(0).Kind, options.Optimizer.LearningRate);
        (_update, _norm, _move) = (UpdateTask, NormTask, MoveTask);
        _all = Cut(parameter => true);
        _chunks = Cut(parameter => parameter.IsLearnt);
        _chunksLeft = Cut(parameter => parameter is { IsLearnt: true, UpdatedByLayer: false });
        _partialNorms = new double[_chunks.Length];
        Bind();
    }

    public KernelSet Kernels { get; }

    public WorkerTeam Team { get; }

    public Parameters Parameters { get; }

    /// <summary>
    /// The last Fit's gradients, laid out as the parameters; empty until something was learnt. A weight that its layer
    /// updates has one only where gradients are clipped: then they are all needed before any step.
    /// </summary>
    public AlignedBuffer Gradients { get; }

    public string OptimizerKind { get; }

    /// <summary>Null where no layer is noisy and no quantiles are drawn.</summary>
    public NetworkNoise? Noise { get; }

    /// <summary>Where quantiles are drawn, the fractions of the last fit, [batch, samples]; else empty.</summary>
    public ReadOnlySpan<float> DrawnFractions => _quantiles is null ? default : _quantiles.Drawn;

    /// <summary>What the next step is multiplied with.</summary>
    public double LearningRate { get; set; }

    /// <summary>Null until something was learnt: a target network needs none.</summary>
    public IOptimizer? Optimizer { get; private set; }

    /// <summary>What has to agree for a network to take on another's state.</summary>
    public string Signature => Parameters.Signature + NetworkArguments.Signature(_architecture.Distribution);

    /// <summary>Draws the parameters; then, where there is noise, the seed of its stream.</summary>
    public void Initialize(Pcg64 random)
    {
        Parameters.Initialize(random);
        foreach (SpectralConv2dLayer layer in _spectral)
            layer.Begin();
        Noise?.Seed(random.NextUInt64());
    }

    /// <summary>The actions' values.</summary>
    public void Evaluate(ReadOnlySpan<byte> observations, int batch, Span<float> values) =>
        _architecture.Distribution.Evaluate(Forward(observations, batch), _scratch, values);

    /// <summary>The distributions of the actions' returns.</summary>
    public void EvaluateDistributions(ReadOnlySpan<byte> observations, int batch, Span<float> distributions) =>
        _architecture.Distribution.Describe(Forward(observations, batch), distributions);

    /// <summary>One step towards targets, [batch, atoms].</summary>
    public FitResult Fit(
        ReadOnlySpan<byte> observations, int batch, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        IOptimizer optimizer = RequireOptimizer();
        bool clips = double.IsFinite(_options.MaxGradientNorm);
        float loss, meanValue;
        _quantiles?.Draw(batch, Noise!.Random);
        foreach (SpectralConv2dLayer layer in _spectral)
            layer.Iterate();
        fixed (byte* source = observations)
        {
            ForwardFrom(source, batch);
            (loss, meanValue) = ComputeLoss(batch, actions, targets, weights, tdErrors);
            if (!clips)
                optimizer.BeginStep(LearningRate, 1);
            _layers.Backward(
                _inputs.Pointer, _outputGradients.Pointer, maskInputs: false, batch, null, clips ? null : optimizer);
        }

        float? gradientNorm = null;
        if (clips)
        {
            float norm = (float)GradientNorm();
            gradientNorm = norm;

            // As clip_grad_norm_: 10⁻⁶ keeps a zero gradient from dividing by zero.
            optimizer.BeginStep(LearningRate, (float)Math.Min(1, _options.MaxGradientNorm / (norm + 1e-6)));
        }

        _updated = clips ? _chunks : _chunksLeft;
        Team.Run(_updated.Length, 8L * Chunk * _updated.Length, _update);
        return new FitResult(loss, meanValue, gradientNorm);
    }

    /// <summary>Moves each parameter by a fraction of the way to another network's, laid out alike.</summary>
    public void MoveParametersTowards(Parameters source, float fraction)
    {
        _goals = source.Values.Pointer;
        _fraction = fraction;
        Team.Run(_all.Length, Parameters.Length, _move);
    }

    /// <summary>Moves each parameter by a fraction of the way to another network's; the optimizer begins anew.</summary>
    public void Reset(Parameters goals, Func<string, float> fractionOf)
    {
        foreach (Parameters.Entry entry in Parameters.Entries)
        {
            int count = (int)entry.Parameter.Packing.Length;
            Span<float> values = Parameters.Values.Span.Slice((int)entry.Start, count);
            float fraction = fractionOf(entry.Name);
            if (fraction == 1)
                goals.Values.Span.Slice((int)entry.Start, count).CopyTo(values);
            else
                Kernels.MoveTowards(goals.Values.Pointer + entry.Start, count, fraction, Parameters.Values.Pointer + entry.Start);
        }

        foreach (SpectralConv2dLayer layer in _spectral)
            layer.Begin();
        if (Optimizer is null)
            return;
        Optimizer.Steps = 0;
        foreach (AlignedBuffer slot in Optimizer.Slots)
            slot.Span.Clear();
    }

    /// <summary>The optimizer, made with its memory and the gradients' buffer when first needed.</summary>
    public IOptimizer RequireOptimizer()
    {
        if (Optimizer is not null)
            return Optimizer;
        Gradients.EnsureLength(Parameters.Length);
        Bind();
        return Optimizer = MakeOptimizer(Parameters.Length);
    }

    private ReadOnlySpan<float> Forward(ReadOnlySpan<byte> observations, int batch)
    {
        _quantiles?.UseMidpoints();
        fixed (byte* source = observations)
            ForwardFrom(source, batch);
        return new ReadOnlySpan<float>(_outputs.Pointer, batch * _layers.OutputLength);
    }

    private void ForwardFrom(byte* observations, int batch)
    {
        _outputs.EnsureLength((long)batch * _layers.OutputLength);
        _converter.SetSource(observations);
        if (!_converter.FeedsConvolution)
        {
            _inputs.EnsureLength((long)batch * _converter.Length);
            _converter.ConvertAll(batch, _inputs.Pointer);
        }

        _layers.Forward(_inputs.Pointer, batch, _outputs.Pointer);
    }

    private (float Loss, float MeanValue) ComputeLoss(
        int batch, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights,
        Span<float> tdErrors)
    {
        int length = batch * _layers.OutputLength;
        _outputGradients.EnsureLength(length);
        ReadOnlySpan<float> outputs = new(_outputs.Pointer, length);
        Span<float> gradients = new(_outputGradients.Pointer, length);
        return Losses.Compute(
            _architecture.Distribution, _options.Loss, DrawnFractions, outputs, actions, targets, weights, _scratch, gradients, tdErrors);
    }

    private IOptimizer MakeOptimizer(long length) => _options.Optimizer switch
    {
        RmsPropOptions rmsProp => new RmsProp(rmsProp, length, Kernels),
        AdamOptions adam => new Adam(adam, length, Kernels),
        RAdamOptions rectified => new RAdam(rectified, length, Kernels),
        _ => throw new ArgumentException($"Unknown optimizer {_options.Optimizer.GetType()}."),
    };

    private void Bind() => _layers.Bind(
        Parameters.Values.Pointer, Gradients.Length > 0 ? Gradients.Pointer : null,
        [.. Parameters.Entries.Select(entry => entry.Start)]);

    /// <summary>Cuts some parameters, with the padding behind each, into chunks.</summary>
    private (int Start, int Count)[] Cut(Func<LayerParameter, bool> takes)
    {
        List<(int, int)> chunks = [];
        int start = 0;
        for (int i = 0; i < Parameters.Entries.Count; i++)
        {
            if (takes(Parameters.Entries[i].Parameter))
                continue;
            Add((int)Parameters.Entries[i].Start);
            start = i + 1 < Parameters.Entries.Count ? (int)Parameters.Entries[i + 1].Start : Parameters.Length;
        }

        Add(Parameters.Length);
        return [.. chunks];

        void Add(int end)
        {
            for (; start < end; start += Chunk)
                chunks.Add((start, Math.Min(Chunk, end - start)));
        }
    }

    private void UpdateTask(int chunk, int worker)
    {
        (int start, int count) = _updated[chunk];
        Optimizer!.Update(Gradients.Pointer + start, start, count, Parameters.Values.Pointer + start);
    }

    private void MoveTask(int chunk, int worker)
    {
        (int start, int count) = _all[chunk];
        Kernels.MoveTowards(_goals + start, count, _fraction, Parameters.Values.Pointer + start);
    }

    private double GradientNorm()
    {
        Team.Run(_chunks.Length, Parameters.Length, _norm);
        double sum = 0;
        foreach (double partial in _partialNorms)
            sum += partial;
        return Math.Sqrt(sum);
    }

    private void NormTask(int chunk, int worker)
    {
        (int start, int count) = _chunks[chunk];
        _partialNorms[chunk] = SumOfSquares.Compute(new ReadOnlySpan<float>(Gradients.Pointer + start, count));
    }
}
