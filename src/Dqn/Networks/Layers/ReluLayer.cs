using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>outputs = max(inputs, 0), where no layer before can do that on the way.</summary>
internal sealed unsafe class ReluLayer : ILayer
{
    // Floats per task.
    private const int Chunk = 4096;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _backward;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private long _length;

    public ReluLayer(int length, KernelSet kernels, WorkerTeam team)
    {
        (InputLength, _kernels, _team) = (length, kernels, team);
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
        Run(batch, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        if (inputGradients == null)
            return;
        _inputs = inputs;
        _outputGradients = outputGradients;
        _inputGradients = inputGradients;
        Run(batch, _backward);
    }

    private void Run(int batch, Action<int, int> body)
    {
        _length = (long)batch * InputLength;
        _team.Run((int)((_length + Chunk - 1) / Chunk), 2 * _length, body);
    }

    private void ForwardTask(int chunk, int worker)
    {
        (nint start, int count) = Stretch(chunk);
        _kernels.Rectify(_inputs + start, count, _outputs + start);
    }

    private void BackwardTask(int chunk, int worker)
    {
        (nint start, int count) = Stretch(chunk);
        new ReadOnlySpan<float>(_outputGradients + start, count).CopyTo(new Span<float>(_inputGradients + start, count));
        _kernels.Mask(_inputs + start, count, _inputGradients + start);
    }

    private (nint Start, int Count) Stretch(int chunk)
    {
        nint start = (nint)chunk * Chunk;
        return (start, (int)Math.Min(Chunk, _length - start));
    }
}
