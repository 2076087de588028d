using System.Numerics;

namespace Dqn.Networks;

/// <summary>
/// A convolution by W / σ, σ = uᵀ W v / (|u| |v|). u and v have length 1 unless they were averaged. All sums are in an order
/// that does not depend on how the weight lies.
/// </summary>
internal sealed unsafe class SpectralConv2dLayer : ILayer
{
    private readonly Conv2dLayer _convolution;
    private readonly PackedWeight _packing;
    private readonly bool _hasBias;
    private readonly int _biasOffset;

    // What the convolution computes with, W / σ and the bias; the gradients by that.
    private readonly AlignedBuffer _normalized, _normalizedGradients = new();

    // W v, [filters].
    private readonly float[] _product;

    // The bias's counts only where there is one.
    private float* _bias, _weight, _left, _right, _biasGradient, _weightGradient;
    private double _sigma;

    /// <summary>Normalises a convolution.</summary>
    /// <param name="name">What the parameters' names start with.</param>
    /// <param name="convolution">Its weight and bias lie here from now on.</param>
    public SpectralConv2dLayer(string name, Conv2dLayer convolution)
    {
        (_convolution, _packing) = (convolution, convolution.Weight);
        _hasBias = convolution.Parameters.Count > 1;
        _biasOffset = checked((int)(_packing.Length + 15) / 16 * 16);
        _normalized = new AlignedBuffer(_biasOffset + (long)_packing.Blocks * _packing.BlockWidth);
        _product = new float[_packing.Outputs];
        ImageOrder left = new(_packing.Outputs), right = new(_packing.Channels, _packing.Height * _packing.Width);
        Parameters =
        [
            .. convolution.Parameters.Skip(1),
            convolution.Parameters[0] with { Name = SpectralNorm.WeightName(name) },
            Vector(SpectralNorm.LeftName(name), _packing.Outputs, left),
            Vector(SpectralNorm.RightName(name), _packing.Depth, right),
        ];

        static LayerParameter Vector(string name, int length, ImageOrder order) =>
            new(name, [length], order) { Initialize = SpectralNorm.Draw, IsLearnt = false };
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength => _convolution.InputLength;

    public int OutputLength => _convolution.OutputLength;

    public bool Rectify => _convolution.Rectify;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _bias = parameters + starts[0];
        _biasGradient = gradients == null ? null : gradients + starts[0];
        starts = starts[(_hasBias ? 1 : 0)..];
        _weight = parameters + starts[0];
        _left = parameters + starts[1];
        _right = parameters + starts[2];
        _weightGradient = gradients == null ? null : gradients + starts[0];
        if (gradients != null)
            _normalizedGradients.EnsureLength(_normalized.Length);
        ReadOnlySpan<long> places = [0, _biasOffset];
        _convolution.Bind(
            _normalized.Pointer, gradients == null ? null : _normalizedGradients.Pointer, places[..(_hasBias ? 2 : 1)]);
    }

    /// <summary>Makes u and v those of the weight, nearly: after the parameters were drawn.</summary>
    public void Begin()
    {
        for (int i = 0; i < SpectralNorm.FirstIterations; i++)
            Iterate();
    }

    /// <summary>One power iteration: u ← W v, v ← Wᵀ u, both of length 1.</summary>
    public void Iterate()
    {
        Multiply();
        var length = (float)SpectralNorm.Length(_product);
        for (int n = 0; n < _packing.Outputs; n++)
            _left[n] = _product[n] / length;
        for (int depth = 0; depth < _packing.Depth; depth++)
            _right[depth] = (float)RowProduct(depth, _weight, _left);
        Span<float> right = new(_right, _packing.Depth);
        length = (float)SpectralNorm.Length(right);
        foreach (ref float value in right)
            value /= length;
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        Normalize();
        _convolution.Forward(inputs, batch, outputs);
    }

    /// <summary>
    /// With g the gradient by W / σ that by W is (g − ⟨g, W / σ⟩ u vᵀ) / σ; u and v are constants.
    /// </summary>
    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _convolution.Backward(inputs, outputGradients, maskInputs, batch, inputGradients, optimizer);
        float* gradients = _normalizedGradients.Pointer;
        if (_hasBias)
            new ReadOnlySpan<float>(gradients + _biasOffset, _packing.Outputs).CopyTo(new(_biasGradient, _packing.Outputs));
        double product = 0;
        for (int depth = 0; depth < _packing.Depth; depth++)
            product += RowProduct(depth, gradients);
        var shift = (float)(product / Lengths());
        var sigma = (float)_sigma;
        for (int block = 0; block < _packing.Blocks; block++)
        {
            int width = _packing.WidthOf(block), valid = _packing.ValidOf(block);
            nint at = _packing.BlockStart(block);
            float* left = _left + block * _packing.BlockWidth;
            for (int depth = 0; depth < _packing.Depth; depth++, at += width)
            {
                float factor = shift * _right[depth];
                for (int n = 0; n < valid; n++)
                    _weightGradient[at + n] = (gradients[at + n] - factor * left[n]) / sigma;
            }
        }
    }

    private void Normalize()
    {
        Multiply();
        double sum = 0;
        for (int n = 0; n < _packing.Outputs; n++)
            sum += (double)_left[n] * _product[n];
        sum /= Lengths();
        _sigma = Math.Abs(sum) < SpectralNorm.Epsilon ? SpectralNorm.Epsilon : sum;
        var sigmas = new Vector<float>((float)_sigma);
        int i = 0, length = (int)_packing.Length;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
            (System.Numerics.Vector.Load(_weight + i) / sigmas).Store(_normalized.Pointer + i);
        for (; i < length; i++)
            _normalized.Pointer[i] = _weight[i] / (float)_sigma;
        if (_hasBias)
            new ReadOnlySpan<float>(_bias, _packing.Outputs).CopyTo(new(_normalized.Pointer + _biasOffset, _packing.Outputs));
    }

    private double Lengths() => SpectralNorm.Length(new ReadOnlySpan<float>(_left, _packing.Outputs))
        * SpectralNorm.Length(new ReadOnlySpan<float>(_right, _packing.Depth));

    /// <summary>W v.</summary>
    private void Multiply()
    {
        Array.Clear(_product);
        fixed (float* products = _product)
        {
            for (int block = 0; block < _packing.Blocks; block++)
            {
                int width = _packing.WidthOf(block), valid = _packing.ValidOf(block);
                float* row = _weight + _packing.BlockStart(block), product = products + block * _packing.BlockWidth;
                for (int depth = 0; depth < _packing.Depth; depth++, row += width)
                {
                    var factors = new Vector<float>(_right[depth]);
                    int n = 0;
                    for (; n <= valid - Vector<float>.Count; n += Vector<float>.Count)
                    {
                        Vector<float> add = System.Numerics.Vector.Load(row + n) * factors;
                        (System.Numerics.Vector.Load(product + n) + add).Store(product + n);
                    }

                    for (; n < valid; n++)
                        product[n] += row[n] * _right[depth];
                }
            }
        }
    }

    /// <summary>Σₙ weight[depth, n] · left[n].</summary>
    private double RowProduct(int depth, float* weight, float* left)
    {
        double sum = 0;
        for (int block = 0; block < _packing.Blocks; block++)
        {
            float* row = weight + _packing.BlockStart(block) + (nint)depth * _packing.WidthOf(block);
            int valid = _packing.ValidOf(block), first = block * _packing.BlockWidth;
            for (int n = 0; n < valid; n++)
                sum += (double)row[n] * left[first + n];
        }

        return sum;
    }

    /// <summary>Σₙ gradients[depth, n] · (W / σ)[depth, n].</summary>
    private double RowProduct(int depth, float* gradients)
    {
        double sum = 0;
        for (int block = 0; block < _packing.Blocks; block++)
        {
            nint at = _packing.BlockStart(block) + (nint)depth * _packing.WidthOf(block);
            int valid = _packing.ValidOf(block);
            for (int n = 0; n < valid; n++)
                sum += (double)gradients[at + n] * _normalized.Pointer[at + n];
        }

        return sum;
    }
}
