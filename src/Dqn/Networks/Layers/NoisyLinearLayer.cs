using Dqn.Randomness;

namespace Dqn.Networks;

/// <summary>
/// μ(inputs) + εₒ · σ(inputs · εᵢ): because the noise is factorised, two <see cref="LinearLayer"/>s, one over the
/// inputs times their noise, its outputs times theirs. Without noise it is the first alone.
/// </summary>
internal sealed unsafe class NoisyLinearLayer : ILayer
{
    private readonly LinearLayer _mean, _deviation;
    private readonly KernelSet _kernels;

    // f(ε) of the inputs, in the order in which they lie here, and of the outputs.
    private readonly float[] _inputNoise, _outputNoise;

    // inputs · εᵢ and its gradients, [batch, inputs]; the deviation's outputs and their gradients, [batch, outputs].
    private readonly AlignedBuffer _scaled = new(), _scaledGradients = new(), _deviations = new();
    private bool _isNoisy;

    public NoisyLinearLayer(
        string name, double sigma, bool rectify, LinearLayer mean, LinearLayer deviation, KernelSet kernels)
    {
        (_mean, _deviation, Rectify, _kernels) = (mean, deviation, rectify, kernels);
        _inputNoise = new float[mean.InputLength];
        _outputNoise = new float[mean.OutputLength];
        Noise = [_inputNoise, _outputNoise];
        var start = (float)(sigma / Math.Sqrt(mean.InputLength));
        (LayerParameter weight, LayerParameter bias) = (mean.Parameters[0], mean.Parameters[1]);
        Parameters =
        [
            weight with { Name = $"{name}.weight_mu" },
            weight with { Name = $"{name}.weight_sigma", Bound = 0, Constant = start },
            bias with { Name = $"{name}.bias_mu" },
            bias with { Name = $"{name}.bias_sigma", Bound = 0, Constant = start },
        ];
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength => _mean.InputLength;

    public int OutputLength => _mean.OutputLength;

    public bool Rectify { get; }

    /// <summary>
    /// f(ε) of the inputs and of the outputs; after a change of theirs <see cref="NoiseChanged"/> is to be called.
    /// </summary>
    public float[][] Noise { get; }

    /// <summary>Draws the noise of the inputs, then of the outputs.</summary>
    public void ResampleNoise(Pcg64 random)
    {
        foreach (float[] noise in Noise)
        {
            Normal.Fill(random, noise);
            foreach (ref float value in noise.AsSpan())
                value = MathF.CopySign(MathF.Sqrt(MathF.Abs(value)), value);
        }

        NoiseChanged();
    }

    /// <summary>Makes the noise 0.</summary>
    public void ClearNoise()
    {
        foreach (float[] noise in Noise)
            Array.Clear(noise);
        NoiseChanged();
    }

    /// <summary>Without noise, half of the work is none.</summary>
    public void NoiseChanged() => _isNoisy =
        _inputNoise.AsSpan().ContainsAnyExcept(0f) && _outputNoise.AsSpan().ContainsAnyExcept(0f);

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _mean.Bind(parameters, gradients, [starts[0], starts[2]]);
        _deviation.Bind(parameters, gradients, [starts[1], starts[3]]);
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _mean.Forward(inputs, batch, outputs);
        if (_isNoisy)
        {
            _scaled.EnsureLength((long)batch * InputLength);
            _deviations.EnsureLength((long)batch * OutputLength);
            RowScaling.Multiply(inputs, _inputNoise, batch, _scaled.Pointer);
            _deviation.Forward(_scaled.Pointer, batch, _deviations.Pointer);
            RowScaling.MultiplyAdd(_deviations.Pointer, _outputNoise, batch, outputs);
        }

        if (Rectify)
            _kernels.Mask(outputs, checked(batch * OutputLength), outputs);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _scaled.EnsureLength((long)batch * InputLength);
        _deviations.EnsureLength((long)batch * OutputLength);
        if (inputGradients != null)
            _scaledGradients.EnsureLength((long)batch * InputLength);
        RowScaling.Multiply(inputs, _inputNoise, batch, _scaled.Pointer);
        RowScaling.Multiply(outputGradients, _outputNoise, batch, _deviations.Pointer);
        _mean.Backward(inputs, outputGradients, maskInputs, batch, inputGradients, optimizer);
        _deviation.Backward(
            _scaled.Pointer, _deviations.Pointer, maskInputs: false, batch,
            inputGradients == null ? null : _scaledGradients.Pointer, optimizer);
        if (inputGradients == null)
            return;
        if (maskInputs)
            _kernels.Mask(inputs, checked(batch * InputLength), _scaledGradients.Pointer);
        RowScaling.MultiplyAdd(_scaledGradients.Pointer, _inputNoise, batch, inputGradients);
    }
}
