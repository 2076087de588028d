using System.Runtime.CompilerServices;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// outputs[m, n] = Σₖ inputs[m, k] · weight[k, n] + bias[n], if there is a bias. After images, k runs over (row, column, channel).
/// </summary>
internal sealed unsafe class LinearLayer : ILayer
{
    // Depth of a block of weights that stays in the first-level cache while all rows pass: 128 · 32 floats are 16 KiB.
    private const int DepthBlock = 128;

    // Inputs per task of the backward, and items at a time: a task's inputs, its gradients and a block of the outputs'
    // gradients stay in the first-level cache together.
    private const int DepthPerTask = 64;
    private const int ItemsAtATime = 64;

    // Blocks of outputs at a time of the backward towards the inputs: their part of the outputs' gradients stays in the
    // first-level cache while all rows pass, and the sums are loaded and stored less often.
    private const int BlocksAtATime = 4;

    // Ints of a cache line.
    private const int DoneStride = 16;

    // A parameter's update takes as long as so many multiply-adds, mostly for its memory.
    private const int UpdateWork = 50;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _forward, _transpose, _backward;
    private readonly AlignedBuffer _transposed = new(), _blocked = new(), _sums = new();

    // Per chunk, on a cache line of its own: how many stages have added to its sums.
    private readonly int[] _stagesDone;
    private readonly int _stages;

    // Per worker, the inputs of one task, [batch, DepthPerTask].
    private readonly AlignedBuffer[] _packed;

    // Where each item's inputs and outputs start: of so many items, and to fill the last tile the last one's again.
    private nint[] _inputStarts = [], _outputStarts = [];
    private int _located;
    private float* _weight, _weightGradient;

    // Null where there is none.
    private float* _bias, _biasGradient;
    private long _weightStart;
    private IOptimizer? _optimizer;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private int _batch;
    private bool _maskInputs;

    public LinearLayer(
        string name, int channels, int height, int width, int outputs, bool bias, bool rectify, KernelSet kernels,
        WorkerTeam team)
    {
        (Rectify, _kernels, _team) = (rectify, kernels, team);
        Weight = new PackedWeight(outputs, channels, height, width, kernels);
        Parameters = Weight.Describe(name, [outputs, Weight.Depth], bias, updatedByLayer: true);
        _packed = [.. Enumerable.Range(0, team.Threads).Select(_ => new AlignedBuffer())];
        _stages = Math.Min(team.Threads, Weight.Blocks);
        _stagesDone = new int[Chunks * DoneStride];
        (_forward, _transpose, _backward) = (ForwardTask, TransposeTask, BackwardTask);
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public PackedWeight Weight { get; }

    public int InputLength => Weight.Depth;

    public int OutputLength => Weight.Outputs;

    public bool Rectify { get; }

    /// <summary>Stretches of the inputs, one per task of the backward.</summary>
    private int Chunks => (Weight.Depth + DepthPerTask - 1) / DepthPerTask;

    /// <summary>Floats of the sums for the gradients of one chunk's inputs.</summary>
    private int SumsLength => Panels * DepthPerTask * _kernels.BlockWidth;

    private int Panels => (_batch + _kernels.BlockWidth - 1) / _kernels.BlockWidth;

    /// <summary>Multiply-adds of one item and pass.</summary>
    private long Work => (long)Weight.Depth * Weight.Outputs;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _weightStart = starts[0];
        _weight = parameters + starts[0];
        _weightGradient = gradients == null ? null : gradients + starts[0];
        if (Parameters.Count == 1)
            return;
        _bias = parameters + starts[1];
        _biasGradient = gradients == null ? null : gradients + starts[1];
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _batch = batch;
        _outputs = outputs;
        if (_located != batch)
            LocateItems(batch);
        _team.Run(Weight.Blocks, batch * Work, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _inputs = inputs;
        _outputGradients = outputGradients;
        _maskInputs = maskInputs;
        _batch = batch;
        _inputGradients = inputGradients;
        _optimizer = optimizer;
        _blocked.EnsureLength((long)batch * Weight.Blocks * Weight.BlockWidth);
        if (inputGradients != null)
        {
            _transposed.EnsureLength((long)Panels * _kernels.BlockWidth * Weight.Outputs);
            _sums.EnsureLength((long)(_stages > 1 ? Chunks : _team.Threads) * SumsLength);
        }

        foreach (AlignedBuffer packed in _packed)
            packed.EnsureLength((long)batch * DepthPerTask);
        _team.Run(Weight.Blocks, 16L * batch * Weight.Outputs, _transpose);
        long updates = optimizer is null ? 0 : UpdateWork * Work;
        Array.Clear(_stagesDone);
        _team.Run(_stages * Chunks, 2 * batch * Work + updates, _backward);
        _optimizer = null;
    }

    private void LocateItems(int batch)
    {
        int padded = (batch + _kernels.TileRows - 1) / _kernels.TileRows * _kernels.TileRows;
        if (_inputStarts.Length < padded)
            (_inputStarts, _outputStarts) = (new nint[padded], new nint[padded]);
        _located = batch;
        for (int item = 0; item < padded; item++)
        {
            _inputStarts[item] = (nint)Math.Min(item, batch - 1) * Weight.Depth;
            _outputStarts[item] = (nint)item * Weight.Outputs;
        }
    }

    /// <summary>One block of outputs for the whole batch.</summary>
    private void ForwardTask(int block, int worker)
    {
        int depth = Weight.Depth, width = Weight.WidthOf(block);
        int tiles = (_batch + _kernels.TileRows - 1) / _kernels.TileRows;
        fixed (nint* inputStarts = _inputStarts, outputStarts = _outputStarts)
        {
            RowTile tile = new()
            {
                Rows = _batch,
                RowsA = inputStarts,
                RowsC = outputStarts,
                Segments = 1,
                Vectors = Weight.VectorsOf(block),
                ValidColumns = Weight.ValidOf(block),
                C = _outputs + block * Weight.BlockWidth,
                AheadStride = Math.Clamp(width / tiles, 1, Prefetching.LineFloats),
            };
            for (int k = 0; k < depth; k += DepthBlock)
            {
                tile.Run = Math.Min(DepthBlock, depth - k);
                tile.B = _weight + Weight.BlockStart(block) + (nint)k * width;
                tile.Ahead = tile.B + tile.Run * width;
                tile.A = _inputs + k;
                tile.Continue = k > 0;
                bool last = k + DepthBlock >= depth;
                tile.Bias = last && _bias != null ? _bias + block * Weight.BlockWidth : null;
                tile.Rectify = last && Rectify;
                _kernels.Multiply(tile);
            }
        }
    }

    /// <summary>
    /// One block's outputGradients in the two orders that the backward reads: [items, width], and as panels
    /// [outputs, items of a panel], so that items fill the vectors.
    /// </summary>
    private void TransposeTask(int block, int worker)
    {
        int width = _kernels.BlockWidth, outputs = Weight.Outputs, valid = Weight.ValidOf(block);
        float* source = _outputGradients + block * width;
        float* blocked = _blocked.Pointer + (nint)block * _batch * width;
        for (int m = 0; m < _batch; m++)
        {
            new ReadOnlySpan<float>(source + (nint)m * outputs, valid).CopyTo(
                new Span<float>(blocked + (nint)m * width, valid));
        }

        if (_inputGradients == null)
            return;
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * width, count = Math.Min(width, _batch - first);
            int stride = count <= _kernels.Lanes ? _kernels.Lanes : width;
            float* destination = _transposed.Pointer + (nint)panel * width * outputs + block * width * stride;
            Transposition.Run(blocked + (nint)first * width, width, count, valid, destination, stride);
        }
    }

    /// <summary>
    /// Both gradients for some inputs and some blocks of outputs, while their weights are in the cache.
    /// <para>
    /// A stage's blocks are those that one thread has in the forward pass. So a weight is read and changed by one core
    /// alone, which is worth most where cores share no cache. For the inputs' gradients a stage adds to the sums of the
    /// stage before, when they are there: these tasks have lower numbers, in the stretches of workers before it, as
    /// <see cref="WorkerPool"/> allows.
    /// </para>
    /// </summary>
    private void BackwardTask(int task, int worker)
    {
        (int stage, int chunk) = Math.DivRem(task, Chunks);
        if (task == 0 && _bias != null)
            _kernels.SumRows(_outputGradients, _batch, Weight.Outputs, add: false, _biasGradient);
        int firstBlock = stage * Weight.Blocks / _stages, endBlock = (stage + 1) * Weight.Blocks / _stages;
        int first = chunk * DepthPerTask, rows = Math.Min(DepthPerTask, Weight.Depth - first);
        if (_inputGradients != null)
        {
            ref int done = ref _stagesDone[chunk * DoneStride];
            if (!_team.WaitFor(ref done, stage, worker))
                return;
            float* sums = _sums.Pointer + (nint)(_stages > 1 ? chunk : worker) * SumsLength;
            BackwardInputs(first, rows, firstBlock, endBlock, sums);
            if (endBlock == Weight.Blocks)
                Turn(sums, first, rows);
            Volatile.Write(ref done, stage + 1);
        }

        BackwardWeights(first, rows, firstBlock, endBlock, _packed[worker].Pointer);
    }

    /// <summary>
    /// weightGradient[k, n] = Σₘ inputs[m, k] · outputGradients[m, n], for some k; stored or applied.
    /// </summary>
    [SkipLocalsInit]
    private void BackwardWeights(int first, int rows, int firstBlock, int endBlock, float* packed)
    {
        for (int m = 0; m < _batch; m++)
        {
            float* inputs = _inputs + (nint)m * Weight.Depth + first;
            new ReadOnlySpan<float>(inputs, rows).CopyTo(new Span<float>(packed + (nint)m * DepthPerTask, rows));
            Prefetching.Later(inputs + rows, rows);
        }

        float* gradients = stackalloc float[DepthPerTask * _kernels.BlockWidth];
        OuterTile tile = new() { Rows = rows, Groups = 1, StrideA = DepthPerTask, StrideB = Weight.BlockWidth };
        for (int block = firstBlock; block < endBlock; block++)
        {
            int width = Weight.WidthOf(block);
            nint start = Weight.BlockStart(block) + (nint)first * width;
            tile.Vectors = Weight.VectorsOf(block);
            tile.ValidColumns = Weight.ValidOf(block);
            tile.C = _optimizer is null ? _weightGradient + start : gradients;
            tile.StrideC = width;

            // Padding columns are left alone, and their gradients are 0.
            if (_optimizer is not null && tile.ValidColumns < width)
                new Span<float>(gradients, rows * width).Clear();
            for (int m = 0; m < _batch; m += ItemsAtATime)
            {
                tile.A = packed + (nint)m * DepthPerTask;
                tile.B = _blocked.Pointer + ((nint)block * _batch + m) * Weight.BlockWidth;
                tile.Count = Math.Min(ItemsAtATime, _batch - m);
                tile.Continue = m > 0;
                _kernels.MultiplyTransposed(tile);
            }

            _optimizer?.Update(gradients, _weightStart + start, rows * width, _weight + start);
        }
    }

    /// <summary>
    /// inputGradients[m, k] = Σₙ weight[k, n] · outputGradients[m, n], for some k, as far as some blocks contribute:
    /// the weights' rows are A as they lie, the transposed gradients B.
    /// </summary>
    /// <param name="first">The first k.</param>
    /// <param name="rows">How many k.</param>
    /// <param name="firstBlock">The first block.</param>
    /// <param name="endBlock">The block behind the last.</param>
    /// <param name="sums">[panels, DepthPerTask, items of a panel], added to.</param>
    [SkipLocalsInit]
    private void BackwardInputs(int first, int rows, int firstBlock, int endBlock, float* sums)
    {
        int width = _kernels.BlockWidth;
        nint* rowsA = stackalloc nint[DepthPerTask];
        nint* rowsC = stackalloc nint[DepthPerTask];
        for (int row = 0; row < DepthPerTask; row++)
            rowsC[row] = row * width;
        RowTile tile = new() { Rows = rows, RowsA = rowsA, RowsC = rowsC, SegmentStride = Weight.BlockStart(1) };
        for (int panel = 0; panel < Panels; panel++)
        {
            tile.C = sums + panel * DepthPerTask * width;
            tile.Vectors = _batch - panel * width <= _kernels.Lanes ? 1 : 2;
            tile.ValidColumns = tile.Vectors * _kernels.Lanes;
            float* transposed = _transposed.Pointer + (nint)panel * width * Weight.Outputs;
            for (int block = firstBlock; block < endBlock; block += tile.Segments)
            {
                // Some full blocks at a time, as stretches of the same rows; or the last one, if it is not full.
                int stride = Weight.WidthOf(block);
                tile.Segments = Math.Clamp(Math.Min(endBlock, Weight.FullBlocks) - block, 1, BlocksAtATime);
                for (int row = 0; row < DepthPerTask; row++)
                    rowsA[row] = (nint)Math.Min(row, rows - 1) * stride;
                tile.A = _weight + Weight.BlockStart(block) + (nint)first * stride;
                tile.B = transposed + block * width * tile.ValidColumns;
                tile.Run = Weight.ValidOf(block);
                tile.Continue = block > 0;
                _kernels.Multiply(tile);
            }
        }
    }

    /// <summary>The sums, [panels, rows, items of a panel], to inputGradients[items, rows], masked.</summary>
    [SkipLocalsInit]
    private void Turn(float* sums, int first, int rows)
    {
        int width = _kernels.BlockWidth;
        float* turned = stackalloc float[width * DepthPerTask];
        for (int panel = 0; panel < Panels; panel++)
        {
            int firstItem = panel * width, items = Math.Min(width, _batch - firstItem);
            Transposition.Run(sums + panel * DepthPerTask * width, width, rows, items, turned, DepthPerTask);
            nint at = (nint)firstItem * Weight.Depth + first;
            float* item = turned;
            for (int i = 0; i < items; i++, at += Weight.Depth, item += DepthPerTask)
            {
                if (_maskInputs)
                    _kernels.Mask(_inputs + at, rows, item);
                new ReadOnlySpan<float>(item, rows).CopyTo(new Span<float>(_inputGradients + at, rows));
                Prefetching.Later(_inputGradients + at + rows, rows);
            }
        }
    }
}
