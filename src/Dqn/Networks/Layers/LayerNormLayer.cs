using System.Runtime.CompilerServices;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// outputs[b, i] = x̂[b, i] · weight[i] + bias[i], x̂ = (inputs − mean) · scale with mean and scale =
/// 1 / √(variance + ε) of item b.
/// </summary>
internal sealed unsafe class LayerNormLayer : ILayer
{
    /// <summary>ε: PyTorch's default.</summary>
    public const double Epsilon = 1e-5;

    // Numbers of an item per task of the backward towards the parameters.
    private const int Chunk = 1024;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _backward;

    // Of each item of the last forward: mean, scale.
    private readonly AlignedBuffer _statistics = new();
    private float* _weight, _bias, _weightGradient, _biasGradient;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private int _batch;
    private bool _maskInputs;

    public LayerNormLayer(
        string name, long[] shape, int channels, int pixels, bool rectify, KernelSet kernels, WorkerTeam team)
    {
        (Rectify, _kernels, _team) = (rectify, kernels, team);
        InputLength = checked(channels * pixels);
        ImageOrder order = new(channels, pixels);
        Parameters =
        [
            new LayerParameter($"{name}.weight", shape, order) { Constant = 1 },
            new LayerParameter($"{name}.bias", shape, order),
        ];
        (_forward, _backward) = (ForwardTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength { get; }

    public int OutputLength => InputLength;

    public bool Rectify { get; }

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _weight = parameters + starts[0];
        _bias = parameters + starts[1];
        _weightGradient = gradients == null ? null : gradients + starts[0];
        _biasGradient = gradients == null ? null : gradients + starts[1];
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        _statistics.EnsureLength(2L * batch);
        _team.Run(batch, 4L * batch * InputLength, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _inputs = inputs;
        _outputGradients = outputGradients;
        _maskInputs = maskInputs;
        _batch = batch;
        _inputGradients = inputGradients;
        _team.Run(batch + (InputLength + Chunk - 1) / Chunk, 8L * batch * InputLength, _backward);
    }

    private void ForwardTask(int item, int worker)
    {
        float* inputs = _inputs + (nint)item * InputLength;
        (float mean, float scale) = LayerNormKernel.Statistics(inputs, InputLength, Epsilon);
        (_statistics.Pointer[2 * item], _statistics.Pointer[2 * item + 1]) = (mean, scale);
        LayerNormKernel.Normalize(
            inputs, InputLength, mean, scale, _weight, _bias, Rectify, _outputs + (nint)item * InputLength);
    }

    /// <summary>One item's inputs, or some parameters.</summary>
    private void BackwardTask(int task, int worker)
    {
        if (task >= _batch)
            BackwardParameters((task - _batch) * Chunk);
        else if (_inputGradients != null)
            BackwardInputs(task);
    }

    /// <summary>
    /// With g = outputGradients · weight: inputGradients = scale · (g − mean g − x̂ · mean(g · x̂)), means over the
    /// item.
    /// </summary>
    private void BackwardInputs(int item)
    {
        nint start = (nint)item * InputLength;
        LayerNormKernel.BackwardInputs(
            _inputs + start, _outputGradients + start, InputLength, _statistics.Pointer[2 * item],
            _statistics.Pointer[2 * item + 1], _weight, _inputGradients + start);
        if (_maskInputs)
            _kernels.Mask(_inputs + start, InputLength, _inputGradients + start);
    }

    /// <summary>
    /// weightGradient = Σ outputGradients · x̂, biasGradient = Σ outputGradients, over the items in order.
    /// </summary>
    private void BackwardParameters(int first)
    {
        int count = Math.Min(Chunk, InputLength - first);
        Unsafe.InitBlockUnaligned(_weightGradient + first, 0, (uint)count * sizeof(float));
        Unsafe.InitBlockUnaligned(_biasGradient + first, 0, (uint)count * sizeof(float));
        for (int item = 0; item < _batch; item++)
        {
            nint start = (nint)item * InputLength + first;
            LayerNormKernel.AddParameterGradients(
                _inputs + start, _outputGradients + start, count, _statistics.Pointer[2 * item],
                _statistics.Pointer[2 * item + 1], _weightGradient + first, _biasGradient + first);
        }
    }
}
