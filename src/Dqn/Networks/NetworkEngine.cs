using Dqn.Threading;

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
    private readonly ILayer[] _layers;
    private readonly ObservationConverter _converter;

    // [0] is the converted observations unless a convolution comes first, [i + 1] the outputs of
    // layer i: [batch, length].
    private readonly AlignedBuffer[] _activations;
    private readonly AlignedBuffer[] _gradients;
    private readonly Action<int, int> _update, _norm, _move;

    // All parameters in chunks, and those that no layer updates by itself.
    private readonly (int Start, int Count)[] _chunks, _chunksLeft;
    private readonly double[] _partialNorms;
    private (int Start, int Count)[] _updated = [];
    private float* _goals;
    private float _fraction;

    public NetworkEngine(Sequential architecture, QNetworkOptions options, KernelSet kernels, WorkerTeam team)
    {
        (_architecture, _options, Kernels, Team) = (architecture, options, kernels, team);
        _converter = new ObservationConverter(architecture, kernels);
        _layers = LayerBuilder.Build(architecture, _converter, kernels, team);
        Parameters = new Parameters(_layers);
        _activations = [.. Enumerable.Range(0, _layers.Length + 1).Select(_ => new AlignedBuffer())];
        _gradients = [.. Enumerable.Range(0, _layers.Length).Select(_ => new AlignedBuffer())];
        Gradients = new AlignedBuffer();
        (OptimizerKind, LearningRate) = (MakeOptimizer(0).Kind, options.Optimizer.LearningRate);
        (_update, _norm, _move) = (UpdateTask, NormTask, MoveTask);
        (_chunks, _chunksLeft) = (Cut(all: true), Cut(all: false));
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

    /// <summary>What the next step is multiplied with.</summary>
    public double LearningRate { get; set; }

    /// <summary>Null until something was learnt: a target network needs none.</summary>
    public IOptimizer? Optimizer { get; private set; }

    public void Evaluate(ReadOnlySpan<byte> observations, int batch, Span<float> values)
    {
        fixed (byte* source = observations)
            Forward(source, batch);
        new ReadOnlySpan<float>(_activations[^1].Pointer, values.Length).CopyTo(values);
    }

    public FitResult Fit(
        ReadOnlySpan<byte> observations, int batch, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        IOptimizer optimizer = RequireOptimizer();
        bool clips = double.IsFinite(_options.MaxGradientNorm);
        float loss, meanValue;
        fixed (byte* source = observations)
        {
            Forward(source, batch);
            (loss, meanValue) = ComputeLoss(batch, actions, targets, weights, tdErrors);
            if (!clips)
                optimizer.BeginStep(LearningRate, 1);
            Backward(batch, clips ? null : optimizer);
        }

        float norm = float.NaN;
        if (clips)
        {
            norm = (float)GradientNorm();

            // As clip_grad_norm_: 10⁻⁶ keeps a zero gradient from dividing by zero.
            optimizer.BeginStep(LearningRate, (float)Math.Min(1, _options.MaxGradientNorm / (norm + 1e-6)));
        }

        _updated = clips ? _chunks : _chunksLeft;
        Team.Run(_updated.Length, 8L * Chunk * _updated.Length, _update);
        return new FitResult(loss, meanValue, norm);
    }

    /// <summary>Moves each parameter by a fraction of the way to another network's, laid out alike.</summary>
    public void MoveParametersTowards(Parameters source, float fraction)
    {
        _goals = source.Values.Pointer;
        _fraction = fraction;
        Team.Run(_chunks.Length, Parameters.Length, _move);
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

    private void Forward(byte* observations, int batch)
    {
        for (int i = 0; i < _layers.Length; i++)
            _activations[i + 1].EnsureLength((long)batch * _layers[i].OutputLength);
        _converter.SetSource(observations);
        if (!_converter.IsImage)
        {
            _activations[0].EnsureLength((long)batch * _converter.Length);
            _converter.ConvertAll(batch, _activations[0].Pointer);
        }

        for (int i = 0; i < _layers.Length; i++)
            _layers[i].Forward(_activations[i].Pointer, batch, _activations[i + 1].Pointer);
    }

    private (float Loss, float MeanValue) ComputeLoss(
        int batch, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights,
        Span<float> tdErrors)
    {
        int length = batch * _architecture.ActionCount;
        _gradients[^1].EnsureLength(length);
        return Losses.Compute(
            _options.Loss, new ReadOnlySpan<float>(_activations[^1].Pointer, length), actions, targets, weights,
            new Span<float>(_gradients[^1].Pointer, length), tdErrors);
    }

    private void Backward(int batch, IOptimizer? optimizer)
    {
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            if (i > 0)
                _gradients[i - 1].EnsureLength((long)batch * _layers[i - 1].OutputLength);
            _layers[i].Backward(
                _activations[i].Pointer, _gradients[i].Pointer, i > 0 && _layers[i - 1].Rectify, batch,
                i > 0 ? _gradients[i - 1].Pointer : null, optimizer);
        }
    }

    private IOptimizer MakeOptimizer(long length) => _options.Optimizer switch
    {
        RmsPropOptions rmsProp => new RmsProp(rmsProp, length, Kernels),
        AdamOptions adam => new Adam(adam, length, Kernels),
        _ => throw new ArgumentException($"Unknown optimizer {_options.Optimizer.GetType()}."),
    };

    private void Bind()
    {
        bool learns = Gradients.Length > 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            _layers[i].Bind(
                Parameters.Values.Pointer, learns ? Gradients.Pointer : null, Parameters.Entries[2 * i].Start,
                Parameters.Entries[2 * i + 1].Start);
        }
    }

    /// <summary>
    /// Cuts the parameters into chunks, those of the weights that their layers update left out if so told.
    /// </summary>
    private (int Start, int Count)[] Cut(bool all)
    {
        List<(int, int)> chunks = [];
        int start = 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            if (all || !_layers[i].UpdatesWeight)
                continue;
            Add((int)Parameters.Entries[2 * i].Start);
            start = (int)Parameters.Entries[2 * i + 1].Start;
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
        (int start, int count) = _chunks[chunk];
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
