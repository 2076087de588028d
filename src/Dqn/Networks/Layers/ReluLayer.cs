using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>outputs = max(inputs, 0), where no layer before can do that on the way.</summary>
internal sealed unsafe class ReluLayer : ILayer
{
    // Floats per task.
    private const int Chunk = 4096;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _mask;
    private float* _gates, _values, _masked;
    private long _length;

    public ReluLayer(int length, KernelSet kernels, WorkerTeam team)
    {
        (InputLength, _kernels, _team) = (length, kernels, team);
        _mask = MaskTask;
    }

    public IReadOnlyList<LayerParameter> Parameters => [];

    public int InputLength { get; }

    public int OutputLength => InputLength;

    public bool Rectify => false;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
    }

    public void Forward(float* inputs, int batch, float* outputs) => Mask(inputs, batch, inputs, outputs);

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        if (inputGradients != null)
            Mask(inputs, batch, outputGradients, inputGradients);
    }

    private void Mask(float* gates, int batch, float* values, float* masked)
    {
        _gates = gates;
        _values = values;
        _masked = masked;
        _length = (long)batch * InputLength;
        _team.Run((int)((_length + Chunk - 1) / Chunk), 2 * _length, _mask);
    }

    private void MaskTask(int chunk, int worker)
    {
        nint start = (nint)chunk * Chunk;
        int count = (int)Math.Min(Chunk, _length - start);
        new ReadOnlySpan<float>(_values + start, count).CopyTo(new Span<float>(_masked + start, count));
        _kernels.Mask(_gates + start, count, _masked + start);
    }
}
