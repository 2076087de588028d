namespace Dqn.Networks;

/// <summary>Adam as <see cref="AdamOptions"/> describes.</summary>
internal sealed unsafe class Adam : IOptimizer
{
    private readonly AdamOptions _options;
    private readonly KernelSet _kernels;
    private readonly AlignedBuffer _means, _squares;
    private readonly AlignedBuffer[] _slots;
    private AdamStep _step;

    public Adam(AdamOptions options, long length, KernelSet kernels)
    {
        (_options, _kernels) = (options, kernels);
        (_means, _squares) = (new AlignedBuffer(length), new AlignedBuffer(length));
        _slots = [_means, _squares];
    }

    public string Kind => "Adam exp_avg exp_avg_sq";

    public ReadOnlySpan<AlignedBuffer> Slots => _slots;

    public long Steps { get; set; }

    public void BeginStep(double learningRate, float gradientScale)
    {
        Steps++;
        double correction1 = 1 - Math.Pow(_options.Beta1, Steps), correction2 = 1 - Math.Pow(_options.Beta2, Steps);
        _step = new AdamStep(
            (float)(learningRate / correction1), (float)_options.Beta1, (float)(1 - _options.Beta1),
            (float)_options.Beta2, (float)(1 - _options.Beta2), (float)(1 / Math.Sqrt(correction2)),
            (float)_options.Epsilon, gradientScale, (float)(1 - learningRate * _options.WeightDecay));
    }

    public void Update(float* gradients, long start, int count, float* parameters) => _kernels.Adam(
        _step, gradients, count, _means.Pointer + start, _squares.Pointer + start, parameters);
}
