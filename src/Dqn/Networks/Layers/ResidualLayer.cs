using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>outputs = inputs + f(inputs), rectified if so told. f ends without a rectifier of its own.</summary>
internal sealed unsafe class ResidualLayer : ILayer
{
    // Floats per task of adding.
    private const int Chunk = 4096;

    private readonly LayerChain _layers;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _add, _addGradients;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private long _length;
    private bool _maskInputs;

    public ResidualLayer(LayerChain layers, bool rectify, KernelSet kernels, WorkerTeam team)
    {
        (_layers, Rectify, _kernels, _team) = (layers, rectify, kernels, team);
        (_add, _addGradients) = (AddTask, AddGradientsTask);
    }

    public LayerChain Layers => _layers;

    public IReadOnlyList<LayerParameter> Parameters => _layers.Parameters;

    public int InputLength => _layers.InputLength;

    public int OutputLength => _layers.OutputLength;

    public bool Rectify { get; }

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts) =>
        _layers.Bind(parameters, gradients, starts);

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _layers.Forward(inputs, batch, outputs);
        _inputs = inputs;
        _outputs = outputs;
        _length = (long)batch * OutputLength;
        Run(_add);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _layers.Backward(inputs, outputGradients, maskInputs: false, batch, inputGradients, optimizer);
        if (inputGradients == null)
            return;
        _inputs = inputs;
        _outputGradients = outputGradients;
        _inputGradients = inputGradients;
        (_maskInputs, _length) = (maskInputs, (long)batch * InputLength);
        Run(_addGradients);
    }

    private void Run(Action<int, int> body) => _team.Run((int)((_length + Chunk - 1) / Chunk), 2 * _length, body);

    private void AddTask(int chunk, int worker)
    {
        nint start = (nint)chunk * Chunk;
        int count = (int)Math.Min(Chunk, _length - start);
        _kernels.Add(_inputs + start, count, _outputs + start);
        if (Rectify)
            _kernels.Rectify(_outputs + start, count, _outputs + start);
    }

    private void AddGradientsTask(int chunk, int worker)
    {
        nint start = (nint)chunk * Chunk;
        int count = (int)Math.Min(Chunk, _length - start);
        _kernels.Add(_outputGradients + start, count, _inputGradients + start);
        if (_maskInputs)
            _kernels.Mask(_inputs + start, count, _inputGradients + start);
    }
}
