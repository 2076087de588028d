using Dqn.Randomness;
using Dqn.Threading;
using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// A <see cref="QuantileEmbedding"/> with all layers after it: outputs[b, action, t] = tail(inputs[b] · relu(W cos(π i τ) +
/// bias))[action]. τ is one of the fixed fractions, the same for all items, or after <see cref="Draw"/> the item's own.
/// </summary>
internal sealed unsafe class QuantileEmbeddingLayer : ILayer
{
    // So many rows at a time where only values are wanted.
    private const int RowsAtATime = 1024;

    private readonly LinearLayer _embedding;
    private readonly LayerChain _tail;
    private readonly ImplicitQuantileDistribution _distribution;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _multiply, _backward;
    private readonly int _cosineCount;

    // cos(π i τ), [rows, cosines]; the embedded fractions, [rows, inputs]; a row for each fraction, or item and fraction.
    private readonly AlignedBuffer _cosines = new(), _embedded = new(), _embeddedGradients = new();

    // The tail's inputs and outputs, [items, fractions, …].
    private readonly AlignedBuffer _products = new(), _productGradients = new(), _values = new(), _valueGradients = new();
    private readonly float[] _midpoints;
    private float[] _drawn = [];
    private bool _isDrawn;
    private float* _inputs, _inputGradients;
    private bool _maskInputs;

    public QuantileEmbeddingLayer(
        QuantileEmbedding description, ItemLayout items, LayerChain tail, ImplicitQuantileDistribution distribution,
        KernelSet kernels, WorkerTeam team)
    {
        (_tail, _distribution, _kernels, _team) = (tail, distribution, kernels, team);
        _cosineCount = description.Cosines;
        _embedding = new LinearLayer(
            description.Name, _cosineCount, 1, 1, items.Length, bias: true, rectify: true, kernels, team);
        IEnumerable<LayerParameter> own = _embedding.Parameters;
        if (items.IsReordered)
        {
            own = own.Select(parameter => parameter with
            {
                Packing = new ReorderedOutputs(parameter.Packing, items.Channels, items.Height * items.Width),
            });
        }

        Parameters = [.. own, .. tail.Parameters];
        _midpoints = distribution.Midpoints;
        (_multiply, _backward) = (MultiplyTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength => _embedding.OutputLength;

    /// <summary>One number for each action and each fraction of now.</summary>
    public int OutputLength => Actions * Fractions;

    public bool Rectify => false;

    /// <summary>What the last draw gave, [items, samples]; empty where the fractions are fixed.</summary>
    public ReadOnlySpan<float> Drawn => _isDrawn ? _drawn : default;

    private int Actions => _tail.OutputLength;

    private int Fractions => _isDrawn ? _distribution.Samples : _distribution.Atoms;

    /// <summary>From now on the fractions are fixed.</summary>
    public void UseMidpoints() => _isDrawn = false;

    /// <summary>Draws fractions for each of so many items: for the next forward and its backward.</summary>
    public void Draw(int batch, Pcg64 random)
    {
        _isDrawn = true;
        int count = checked(batch * _distribution.Samples);
        if (_drawn.Length != count)
            _drawn = new float[count];
        foreach (ref float fraction in _drawn.AsSpan())
            fraction = (float)random.NextDouble();
    }

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _embedding.Bind(parameters, gradients, starts[..2]);
        _tail.Bind(parameters, gradients, starts[2..]);
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        ReadOnlySpan<float> fractions = _isDrawn ? _drawn : _midpoints;
        _cosines.EnsureLength((long)fractions.Length * _cosineCount);
        _embedded.EnsureLength((long)fractions.Length * InputLength);
        QuantileEmbedding.Fill(fractions, _cosines.Span[..(fractions.Length * _cosineCount)], _cosineCount);
        _embedding.Forward(_cosines.Pointer, fractions.Length, _embedded.Pointer);

        int atATime = _isDrawn ? batch : Math.Clamp(RowsAtATime / Fractions, 1, batch);
        _products.EnsureLength((long)atATime * Fractions * InputLength);
        _values.EnsureLength((long)atATime * OutputLength);
        for (int first = 0; first < batch; first += atATime)
        {
            int items = Math.Min(atATime, batch - first);
            _inputs = inputs + (nint)first * InputLength;
            _team.Run(items, 2L * items * Fractions * InputLength, _multiply);
            _tail.Forward(_products.Pointer, items * Fractions, _values.Pointer);
            Turn(_values.Pointer, items, Fractions, Actions, outputs + (nint)first * OutputLength);
        }
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        int rows = batch * Fractions;
        _valueGradients.EnsureLength((long)rows * Actions);
        _productGradients.EnsureLength((long)rows * InputLength);
        _embeddedGradients.EnsureLength((long)rows * InputLength);
        Turn(outputGradients, batch, Actions, Fractions, _valueGradients.Pointer);
        _tail.Backward(
            _products.Pointer, _valueGradients.Pointer, maskInputs: false, rows, _productGradients.Pointer, optimizer);
        _inputs = inputs;
        _inputGradients = inputGradients;
        _maskInputs = maskInputs;
        _team.Run(batch, 4L * rows * InputLength, _backward);
        _embedding.Backward(_cosines.Pointer, _embeddedGradients.Pointer, maskInputs: false, rows, null, optimizer);
    }

    /// <summary>Each of one item's rows: its inputs times the embedded fraction.</summary>
    private void MultiplyTask(int item, int worker)
    {
        nint length = InputLength;
        var inputs = new ReadOnlySpan<float>(_inputs + item * length, InputLength);
        float* embedded = _embedded.Pointer + (_isDrawn ? item * Fractions * length : 0);
        RowScaling.Multiply(embedded, inputs, Fractions, _products.Pointer + item * Fractions * length);
    }

    /// <summary>
    /// For one item embeddedGradients = productGradients · inputs, where the embedding's rectifier lets them through, and
    /// inputGradients = Σ productGradients · embedded, over its fractions in order.
    /// </summary>
    private void BackwardTask(int item, int worker)
    {
        nint length = InputLength, start = item * Fractions * length;
        float* inputs = _inputs + item * length, products = _productGradients.Pointer + start;
        float* embedded = _embedded.Pointer + start, embeddedGradients = _embeddedGradients.Pointer + start;
        RowScaling.Multiply(products, new ReadOnlySpan<float>(inputs, InputLength), Fractions, embeddedGradients);
        _kernels.Mask(embedded, Fractions * InputLength, embeddedGradients);
        if (_inputGradients == null)
            return;
        float* gradients = _inputGradients + item * length;
        new Span<float>(gradients, InputLength).Clear();
        for (int row = 0; row < Fractions; row++)
        {
            var factors = new ReadOnlySpan<float>(embedded + row * length, InputLength);
            RowScaling.MultiplyAdd(products + row * length, factors, rows: 1, gradients);
        }

        if (_maskInputs)
            _kernels.Mask(inputs, InputLength, gradients);
    }

    /// <summary>[items, rows, columns] to [items, columns, rows].</summary>
    private static void Turn(float* source, int items, int rows, int columns, float* destination)
    {
        for (int item = 0; item < items; item++, source += rows * columns, destination += rows * columns)
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                    destination[column * rows + row] = source[row * columns + column];
    }
}
