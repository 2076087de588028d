namespace Dqn.Networks;

/// <summary>Rectified Adam as <see cref="RAdamOptions"/> describes: Adam's arithmetic with other numbers.</summary>
internal sealed unsafe class RAdam : IOptimizer
{
    private readonly RAdamOptions _options;
    private readonly KernelSet _kernels;
    private readonly AlignedBuffer _means, _squares;
    private readonly AlignedBuffer[] _slots;
    private AdamStep _step;

    public RAdam(RAdamOptions options, long length, KernelSet kernels)
    {
        (_options, _kernels) = (options, kernels);
        (_means, _squares) = (new AlignedBuffer(length), new AlignedBuffer(length));
        _slots = [_means, _squares];
    }

    public string Kind => "RAdam exp_avg exp_avg_sq";

    public ReadOnlySpan<AlignedBuffer> Slots => _slots;

    public long Steps { get; set; }

    public void BeginStep(double learningRate, float gradientScale)
    {
        Steps++;
        (double size, double inverseRoot, double addend) = _options.At(Steps);
        _step = new AdamStep(
            (float)(learningRate * size), (float)_options.Beta1, (float)(1 - _options.Beta1), (float)_options.Beta2,
            (float)(1 - _options.Beta2), (float)inverseRoot, (float)addend, gradientScale, Kept: 1);
    }

    public void Update(float* gradients, long start, int count, float* parameters) => _kernels.Adam(
        _step, gradients, count, _means.Pointer + start, _squares.Pointer + start, parameters);
}
