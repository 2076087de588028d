namespace Dqn.Networks;

/// <summary>RMSProp as <see cref="RmsPropOptions"/> describes.</summary>
internal sealed unsafe class RmsProp : IOptimizer
{
    private readonly RmsPropOptions _options;
    private readonly KernelSet _kernels;
    private readonly AlignedBuffer _squares;
    private readonly AlignedBuffer? _means, _momenta;
    private readonly AlignedBuffer[] _slots;
    private RmsPropStep _step;

    public RmsProp(RmsPropOptions options, long length, KernelSet kernels)
    {
        (_options, _kernels) = (options, kernels);
        _squares = new AlignedBuffer(length);
        _means = options.Centered ? new AlignedBuffer(length) : null;
        _momenta = options.Momentum > 0 ? new AlignedBuffer(length) : null;
        _slots = [.. new[] { _squares, _means, _momenta }.OfType<AlignedBuffer>()];
    }

    public string Kind =>
        "RMSprop square_avg" + (_means is null ? "" : " grad_avg") + (_momenta is null ? "" : " momentum_buffer");

    public ReadOnlySpan<AlignedBuffer> Slots => _slots;

    public long Steps { get; set; }

    public void BeginStep(double learningRate, float gradientScale)
    {
        Steps++;
        _step = new RmsPropStep(
            (float)learningRate, (float)_options.Alpha, (float)(1 - _options.Alpha), (float)_options.Epsilon,
            (float)_options.Momentum, gradientScale);
    }

    public void Update(float* gradients, long start, int count, float* parameters) => _kernels.RmsProp(
        _step, gradients, count, _squares.Pointer + start, _means is null ? null : _means.Pointer + start,
        _momenta is null ? null : _momenta.Pointer + start, parameters);
}
