namespace Dqn.Networks;

/// <summary>Layers in order, as one layer: what is between them is its own.</summary>
internal sealed unsafe class LayerChain : ILayer
{
    private readonly ILayer[] _layers;

    // [i] is between layer i and the next: its outputs, and their gradients, [batch, length].
    private readonly AlignedBuffer[] _activations, _gradients;

    public LayerChain(IReadOnlyList<ILayer> layers)
    {
        _layers = [.. layers];
        Parameters = [.. layers.SelectMany(layer => layer.Parameters)];
        _activations = [.. layers.Skip(1).Select(_ => new AlignedBuffer())];
        _gradients = [.. layers.Skip(1).Select(_ => new AlignedBuffer())];
    }

    public IReadOnlyList<ILayer> Layers => _layers;

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength => _layers[0].InputLength;

    public int OutputLength => _layers[^1].OutputLength;

    public bool Rectify => _layers[^1].Rectify;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        foreach (ILayer layer in _layers)
        {
            int count = layer.Parameters.Count;
            layer.Bind(parameters, gradients, starts[..count]);
            starts = starts[count..];
        }
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        for (int i = 0; i < _layers.Length; i++)
            inputs = ForwardLayer(i, inputs, batch, outputs);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        for (int i = _layers.Length - 1; i > 0; i--)
        {
            _gradients[i - 1].EnsureLength((long)batch * _layers[i].InputLength);
            _layers[i].Backward(
                _activations[i - 1].Pointer, outputGradients, _layers[i - 1].Rectify, batch, _gradients[i - 1].Pointer,
                optimizer);
            outputGradients = _gradients[i - 1].Pointer;
        }

        _layers[0].Backward(inputs, outputGradients, maskInputs, batch, inputGradients, optimizer);
    }

    private float* ForwardLayer(int index, float* inputs, int batch, float* outputs)
    {
        if (index < _activations.Length)
        {
            _activations[index].EnsureLength((long)batch * _layers[index].OutputLength);
            outputs = _activations[index].Pointer;
        }

        _layers[index].Forward(inputs, batch, outputs);
        return outputs;
    }
}
