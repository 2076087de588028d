namespace Dqn.Networks;

/// <summary>outputs[b, a, z] = value[b, z] + advantages[b, a, z] − meanₐ advantages[b, ·, z].</summary>
internal sealed unsafe class DuelingLayer : ILayer
{
    private readonly KernelSet _kernels;
    private readonly LayerChain _value, _advantage;
    private readonly AlignedBuffer _values = new(), _valueGradients = new(), _advantageGradients = new();

    // What the advantages add to the inputs' gradients.
    private readonly AlignedBuffer _inputGradients = new();

    public DuelingLayer(LayerChain value, LayerChain advantage, KernelSet kernels)
    {
        (_value, _advantage, _kernels) = (value, advantage, kernels);
        Parameters = [.. value.Parameters, .. advantage.Parameters];
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength => _value.InputLength;

    public int OutputLength => _advantage.OutputLength;

    public bool Rectify => false;

    private int Atoms => _value.OutputLength;

    private int Actions => _advantage.OutputLength / _value.OutputLength;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _value.Bind(parameters, gradients, starts[.._value.Parameters.Count]);
        _advantage.Bind(parameters, gradients, starts[_value.Parameters.Count..]);
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _values.EnsureLength((long)batch * Atoms);
        _value.Forward(inputs, batch, _values.Pointer);
        _advantage.Forward(inputs, batch, outputs);
        for (nint item = 0; item < batch; item++)
            DuelingKernel.Combine(_values.Pointer + item * Atoms, Actions, Atoms, outputs + item * OutputLength);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _valueGradients.EnsureLength((long)batch * Atoms);
        _advantageGradients.EnsureLength((long)batch * OutputLength);
        for (nint item = 0; item < batch; item++)
        {
            DuelingKernel.Split(
                outputGradients + item * OutputLength, Actions, Atoms, _valueGradients.Pointer + item * Atoms,
                _advantageGradients.Pointer + item * OutputLength);
        }

        long length = inputGradients == null ? 0 : (long)batch * InputLength;
        _inputGradients.EnsureLength(length);
        _value.Backward(inputs, _valueGradients.Pointer, maskInputs, batch, inputGradients, optimizer);
        _advantage.Backward(
            inputs, _advantageGradients.Pointer, maskInputs, batch,
            inputGradients == null ? null : _inputGradients.Pointer, optimizer);
        if (inputGradients != null)
            _kernels.Add(_inputGradients.Pointer, (int)length, inputGradients);
    }
}
