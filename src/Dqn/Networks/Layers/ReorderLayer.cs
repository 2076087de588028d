using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// Between the order in which images lie here, [row, column, channel], and PyTorch's, [channel, row, column], which
/// layers of the user's own read and write.
/// </summary>
internal sealed unsafe class ReorderLayer : ILayer
{
    private readonly ImageOrder _order;
    private readonly bool _unpack;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _backward;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private bool _maskInputs;

    /// <summary>Makes the way to PyTorch's order or back.</summary>
    public ReorderLayer(int channels, int pixels, bool toPyTorch, KernelSet kernels, WorkerTeam team)
    {
        (_order, _unpack, _kernels, _team) = (new ImageOrder(channels, pixels), toPyTorch, kernels, team);
        InputLength = (int)_order.Length;
        (_forward, _backward) = (ForwardTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters => [];

    public int InputLength { get; }

    public int OutputLength => InputLength;

    public bool Rectify => false;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        _team.Run(batch, 4L * batch * InputLength, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        if (inputGradients == null)
            return;
        _inputs = inputs;
        _outputGradients = outputGradients;
        _inputGradients = inputGradients;
        _maskInputs = maskInputs;
        _team.Run(batch, 4L * batch * InputLength, _backward);
    }

    private void ForwardTask(int item, int worker)
    {
        nint start = (nint)item * InputLength;
        Reorder(_unpack, _inputs + start, _outputs + start);
    }

    private void BackwardTask(int item, int worker)
    {
        nint start = (nint)item * InputLength;
        Reorder(!_unpack, _outputGradients + start, _inputGradients + start);
        if (_maskInputs)
            _kernels.Mask(_inputs + start, InputLength, _inputGradients + start);
    }

    private void Reorder(bool unpack, float* source, float* destination)
    {
        ReadOnlySpan<float> from = new(source, InputLength);
        Span<float> to = new(destination, InputLength);
        if (unpack)
            _order.Unpack(from, to);
        else
            _order.Pack(from, to);
    }
}
