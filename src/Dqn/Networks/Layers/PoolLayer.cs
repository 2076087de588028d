using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>Makes one number of each window of each channel; images lie [batch, row, column, channel].</summary>
internal sealed unsafe class PoolLayer : ILayer
{
    private readonly IPooling _pooling;
    private readonly PoolAxis _rows, _columns;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _backward;
    private readonly int _channels, _rowStride;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private int _partsPerItem;
    private bool _maskInputs;

    public PoolLayer(
        IPooling pooling, int channels, int height, int width, PoolAxis rows, PoolAxis columns, KernelSet kernels,
        WorkerTeam team)
    {
        (_pooling, _channels, _rows, _columns, _kernels, _team) = (pooling, channels, rows, columns, kernels, team);
        _rowStride = checked(width * channels);
        InputLength = checked(height * _rowStride);
        OutputLength = checked(rows.Count * columns.Count * channels);
        (_forward, _backward) = (ForwardTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters => [];

    public int InputLength { get; }

    public int OutputLength { get; }

    public bool Rectify => false;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        _partsPerItem = Math.Clamp((2 * _team.Threads + batch - 1) / batch, 1, _rows.Count);
        _team.Run(batch * _partsPerItem, 2L * batch * InputLength, _forward);
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

    /// <summary>Some rows of one item's outputs.</summary>
    private void ForwardTask(int task, int worker)
    {
        (int item, int part) = Math.DivRem(task, _partsPerItem);
        int firstRow = part * _rows.Count / _partsPerItem, endRow = (part + 1) * _rows.Count / _partsPerItem;
        float* inputs = _inputs + (nint)item * InputLength;
        float* output = _outputs + (nint)item * OutputLength + (nint)firstRow * _columns.Count * _channels;
        for (int row = firstRow; row < endRow; row++)
            for (int column = 0; column < _columns.Count; column++, output += _channels)
                _pooling.Forward(WindowAt(row, column, out nint start), inputs + start, output);
    }

    /// <summary>One item's inputGradients; windows may overlap.</summary>
    private void BackwardTask(int item, int worker)
    {
        float* inputs = _inputs + (nint)item * InputLength, gradients = _inputGradients + (nint)item * InputLength;
        float* outputGradient = _outputGradients + (nint)item * OutputLength;
        new Span<float>(gradients, InputLength).Clear();
        for (int row = 0; row < _rows.Count; row++)
        {
            for (int column = 0; column < _columns.Count; column++, outputGradient += _channels)
            {
                PoolWindow window = WindowAt(row, column, out nint start);
                _pooling.Backward(window, inputs + start, outputGradient, gradients + start);
            }
        }

        if (_maskInputs)
            _kernels.Mask(inputs, InputLength, gradients);
    }

    private PoolWindow WindowAt(int row, int column, out nint start)
    {
        int top = _rows.Starts[row], left = _columns.Starts[column];
        start = (nint)top * _rowStride + left * _channels;
        return new PoolWindow(
            _rows.Ends[row] - top, _columns.Ends[column] - left, _channels, _rowStride,
            (float)_rows.Divisors[row] * _columns.Divisors[column]);
    }
}
