using System.Collections.Immutable;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// A <see cref="CustomLayer"/> at work. A batch is cut into groups of items, by its size alone; the groups' gradients
/// are added up in order, so that sums do not depend on the threads.
/// </summary>
internal sealed unsafe class CustomLayerWork : ILayer
{
    private const int MaxGroups = 8;
    private const int MinItemsPerGroup = 4;

    // What a layer does is unknown: about so many multiply-adds for each number that it reads or writes.
    private const int WorkPerNumber = 8;

    private readonly CustomLayer _layer;
    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _backward;
    private readonly LayerItems _items;

    // Where its parameters are from the first one on, in all buffers; floats from the first to behind the last.
    private readonly Range[] _places;
    private int _length;

    // [groups, length]; per group the inputs' gradients if nobody wants them.
    private readonly AlignedBuffer _partial = new(), _unwanted = new();
    private float* _parameters, _gradients;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private int _batch, _groups;
    private bool _maskInputs;

    public CustomLayerWork(
        CustomLayer layer, ImmutableArray<int> inputShape, ImmutableArray<int> outputShape, KernelSet kernels,
        WorkerTeam team)
    {
        (_layer, _kernels, _team) = (layer, kernels, team);
        (InputLength, OutputLength) = (LengthOf(inputShape), LengthOf(outputShape));
        _items = new LayerItems(0, inputShape, outputShape, InputLength, OutputLength);
        Parameters = [.. layer.Parameters(inputShape).Select(Describe)];
        _places = new Range[Parameters.Count];
        (_forward, _backward) = (ForwardTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public int InputLength { get; }

    public int OutputLength { get; }

    public bool Rectify => false;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        if (starts.IsEmpty)
            return;
        _parameters = parameters + starts[0];
        _gradients = gradients == null ? null : gradients + starts[0];
        for (int i = 0; i < _places.Length; i++)
        {
            int start = (int)(starts[i] - starts[0]);
            _length = start + (int)Parameters[i].Count;
            _places[i] = start.._length;
        }
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _outputs = outputs;
        Cut(batch);
        _team.Run(_groups, Work, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        Cut(batch);
        _partial.EnsureLength((long)_groups * _length);
        if (inputGradients == null)
        {
            _unwanted.EnsureLength((long)batch * InputLength);
            inputGradients = _unwanted.Pointer;
        }

        _inputs = inputs;
        _outputGradients = outputGradients;
        _inputGradients = inputGradients;
        _maskInputs = maskInputs;
        _team.Run(_groups, 2 * Work, _backward);
        foreach (Range place in _places)
        {
            (int start, int count) = place.GetOffsetAndLength(_length);
            _kernels.SumRows(_partial.Pointer + start, _groups, count, _length, add: false, _gradients + start);
        }
    }

    private long Work => WorkPerNumber * ((long)_batch * (InputLength + OutputLength) + (long)_batch * _length);

    private void Cut(int batch) =>
        (_batch, _groups) = (batch, Math.Clamp(batch / MinItemsPerGroup, 1, MaxGroups));

    private void ForwardTask(int group, int worker)
    {
        (int first, LayerItems items) = ItemsOf(group);
        Span<float> outputs = Outputs(_outputs, first, items);
        outputs.Clear();
        _layer.Forward(items, Values, Inputs(_inputs, first, items), outputs);
    }

    private void BackwardTask(int group, int worker)
    {
        (int first, LayerItems items) = ItemsOf(group);
        Span<float> inputGradients = Inputs(_inputGradients, first, items);
        inputGradients.Clear();
        Span<float> gradients = new(_partial.Pointer + (nint)group * _length, _length);
        gradients.Clear();
        _layer.Backward(
            items, Values, Inputs(_inputs, first, items), Outputs(_outputGradients, first, items), inputGradients,
            new LayerGradients(gradients, _places));
        if (_maskInputs)
        {
            nint start = (nint)first * InputLength;
            _kernels.Mask(_inputs + start, inputGradients.Length, _inputGradients + start);
        }
    }

    private LayerParameters Values => new(new ReadOnlySpan<float>(_parameters, _length), _places);

    private (int First, LayerItems Items) ItemsOf(int group)
    {
        int first = (int)((long)group * _batch / _groups), end = (int)((group + 1L) * _batch / _groups);
        return (first, _items with { Batch = end - first });
    }

    private static Span<float> Inputs(float* values, int first, LayerItems items) =>
        new(values + (nint)first * items.InputLength, checked(items.Batch * items.InputLength));

    private static Span<float> Outputs(float* values, int first, LayerItems items) =>
        new(values + (nint)first * items.OutputLength, checked(items.Batch * items.OutputLength));

    private static LayerParameter Describe(CustomParameter parameter)
    {
        int count = LengthOf(parameter.Shape);
        return new LayerParameter(parameter.Name, [.. parameter.Shape.Select(axis => (long)axis)], new ImageOrder(count))
        {
            Initialize = parameter.Initialize,
        };
    }

    private static int LengthOf(ImmutableArray<int> shape)
    {
        int length = 1;
        foreach (int axis in shape)
            length = checked(length * axis);
        return length;
    }
}
