using System.Runtime.CompilerServices;
using Dqn.Threading;

namespace Dqn.Networks;

/// <summary>
/// outputs[b, oy, ox, n] = Σ inputs[b, oy·stride + y, ox·stride + x, c] · weight[(y, x, c), n] + bias[n], if there is a
/// bias; rows and columns of the inputs count their padding. Images lie [batch, row, column, channel], so that a
/// filter's row is one stretch of consecutive floats and no patch is copied.
/// </summary>
internal sealed unsafe class Conv2dLayer : ILayer
{
    // Items per task of the backward towards the inputs: together their positions fill whole tiles.
    private const int ItemsPerTask = 4;

    // Positions at a time of the backward towards the inputs, whole tiles: the gradients on both sides stay in the
    // first-level cache while all filter pixels pass.
    private const int PositionsPerPass = 32;

    // Positions at a time, about, of the backward towards the weights: their gradients stay in the first-level cache
    // while all tiles pass.
    private const int PositionsPerChunk = 100;

    // The backward towards the weights adds up groups of items apart, then the groups. How many depends on the batch
    // alone, so the order of sums does not depend on the threads.
    private const int MaxGroups = 8;
    private const int MinItemsPerGroup = 4;

    // Floats per task of adding up the groups.
    private const int SumChunk = 4096;

    private readonly KernelSet _kernels;
    private readonly WorkerTeam _team;
    private readonly ConvolutionImages _images;
    private readonly Action<int, int> _forward, _transpose, _backward, _sum;
    private readonly int _channels, _kernel, _stride, _padding, _outHeight, _outWidth;
    private readonly int _positions, _run, _rowStride, _inputBlocks;

    // For each position, and for ItemsPerTask items and a tile more: where its patch starts, where its outputs are.
    private readonly nint[] _patchStarts, _outputStarts;
    private readonly AlignedBuffer _transposed = new(), _partial = new();

    // Per worker, gradients of ItemsPerTask images with their padding, if they have any.
    private readonly AlignedBuffer[] _paddedGradients;
    private float* _weight, _bias, _gradients;
    private long _biasOffset;
    private float* _inputs, _outputs, _outputGradients, _inputGradients;
    private int _batch, _tilesPerTask, _partsPerItem, _inputTasks, _groups, _parts;
    private bool _maskInputs;

    public Conv2dLayer(
        Conv2d description, int channels, int height, int width, bool rectify, ObservationConverter? source,
        KernelSet kernels, WorkerTeam team)
    {
        (Rectify, _kernels, _team) = (rectify, kernels, team);
        (int filters, int kernel, int stride) = (description.Filters, description.KernelSize, description.Stride);
        (_channels, _kernel, _stride, _padding) = (channels, kernel, stride, description.Padding);
        (_outHeight, _outWidth) = (description.PositionsAlong(height), description.PositionsAlong(width));
        _images = new ConvolutionImages(source, channels, height, width, _padding, team.Threads);
        _positions = checked(_outHeight * _outWidth);
        InputLength = checked(height * width * channels);
        Weight = new PackedWeight(filters, channels, kernel, kernel, kernels);
        Parameters = Weight.Describe(
            description.Name, [filters, channels, kernel, kernel], description.Bias, updatedByLayer: false);
        OutputLength = checked(_positions * filters);
        _run = kernel * channels;
        _rowStride = _images.RowStride;
        _inputBlocks = (channels + kernels.BlockWidth - 1) / kernels.BlockWidth;
        _patchStarts = new nint[ItemsPerTask * _positions + kernels.TileRows];
        _outputStarts = new nint[_patchStarts.Length];
        for (int i = 0; i < _patchStarts.Length; i++)
        {
            (int item, int position) = Math.DivRem(i, _positions);
            (int row, int column) = Math.DivRem(position, _outWidth);
            _patchStarts[i] = (nint)item * _images.Length + (row * _rowStride + column * channels) * (nint)stride;
            _outputStarts[i] = (nint)i * filters;
        }

        _paddedGradients = [.. Enumerable.Range(0, _padding > 0 ? team.Threads : 0).Select(_ => new AlignedBuffer())];
        _forward = _images.AreCopies ? ForwardCopyTask : ForwardTask;
        (_transpose, _backward, _sum) = (TransposeTask, BackwardTask, SumTask);
    }

    public IReadOnlyList<LayerParameter> Parameters { get; }

    public PackedWeight Weight { get; }

    public int InputLength { get; }

    public int OutputLength { get; }

    public bool Rectify { get; }

    /// <summary>Multiply-adds of one item and pass.</summary>
    private long Work => (long)Weight.Depth * Weight.Outputs * _positions;

    private int TilesPerFilterRow => (_run + _kernels.TileRows - 1) / _kernels.TileRows;

    /// <summary>
    /// Floats of one group's gradients: the weight's, then the bias's if there is one, laid out as all parameters are.
    /// </summary>
    private long PartialLength => _bias == null ? Weight.Length : _biasOffset + Weight.Outputs;

    private int FilterTiles => _kernel * TilesPerFilterRow;

    public void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts)
    {
        _weight = parameters + starts[0];
        _gradients = gradients == null ? null : gradients + starts[0];
        if (Parameters.Count == 1)
            return;
        _bias = parameters + starts[1];
        _biasOffset = starts[1] - starts[0];
    }

    public void Forward(float* inputs, int batch, float* outputs)
    {
        _inputs = inputs;
        _batch = batch;
        _outputs = outputs;
        if (_images.AreCopies)
        {
            _partsPerItem = Math.Clamp((2 * _team.Threads + batch - 1) / batch, 1, _outHeight);
            _team.Run(batch * _partsPerItem, batch * Work, _forward);
            return;
        }

        int tiles = (int)(((long)batch * _positions + _kernels.TileRows - 1) / _kernels.TileRows);
        int tasks = Math.Min(tiles, 16 * _team.Threads);
        _tilesPerTask = (tiles + tasks - 1) / tasks;
        _team.Run((tiles + _tilesPerTask - 1) / _tilesPerTask, batch * Work, _forward);
    }

    public void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients, IOptimizer? optimizer)
    {
        _inputs = inputs;
        _outputGradients = outputGradients;
        _maskInputs = maskInputs;
        _batch = batch;
        _inputGradients = inputGradients;
        _inputTasks = 0;
        if (inputGradients != null)
        {
            _inputTasks = (batch + ItemsPerTask - 1) / ItemsPerTask;
            _transposed.EnsureLength((long)_kernel * _kernel * _inputBlocks * Weight.Outputs * _kernels.BlockWidth);
            _team.Run(_kernel * _kernel, 8L * Weight.Depth * Weight.Outputs, _transpose);
            foreach (AlignedBuffer gradients in _paddedGradients)
                gradients.EnsureLength((long)ItemsPerTask * _images.Length);
        }

        _groups = Math.Clamp(batch / MinItemsPerGroup, 1, MaxGroups);
        int tasks = (_images.AreCopies ? 8 : 16) * _team.Threads; // Each part copies its images anew.
        _parts = _team.Threads == 1 ? 1 : Math.Clamp((tasks + _groups - 1) / _groups, 1, FilterTiles);
        _partial.EnsureLength((_groups - 1) * PartialLength);
        _team.Run(_inputTasks + _groups * _parts, 2 * batch * Work, _backward);
        if (_groups > 1)
            _team.Run((int)((PartialLength + SumChunk - 1) / SumChunk), _groups * PartialLength, _sum);
    }

    /// <summary>Some rows of one item's outputs, its image copied before.</summary>
    private void ForwardCopyTask(int task, int worker)
    {
        (int item, int part) = Math.DivRem(task, _partsPerItem);
        int firstRow = part * _outHeight / _partsPerItem, endRow = (part + 1) * _outHeight / _partsPerItem;
        int inputRows = (endRow - firstRow - 1) * _stride + _kernel;
        float* image = _images.Take(_inputs, item, firstRow * _stride, inputRows, worker);
        ForwardPositions(image, firstRow * _outWidth, endRow * _outWidth, _outputs + (nint)item * OutputLength);
    }

    /// <summary>Some tiles of positions, counted through the whole batch.</summary>
    private void ForwardTask(int task, int worker)
    {
        int perTask = _tilesPerTask * _kernels.TileRows;
        ForwardPositions(_inputs, task * perTask, Math.Min(_batch * _positions, (task + 1) * perTask), _outputs);
    }

    [SkipLocalsInit]
    private void ForwardPositions(float* inputs, int first, int end, float* outputs)
    {
        int tileRows = _kernels.TileRows;
        nint* rowsA = stackalloc nint[tileRows];
        nint* rowsC = stackalloc nint[tileRows];
        RowTile tile = new()
        {
            A = inputs,
            RowsA = rowsA,
            RowsC = rowsC,
            Segments = _kernel,
            SegmentStride = _rowStride,
            Run = _run,
            Rectify = Rectify,
        };

        // While a tile is multiplied, as much is asked for of the next image.
        int steps = Weight.Depth * Weight.Blocks;
        nint aheadStride = Math.Clamp(
            (int)(((long)InputLength * tileRows / _positions + steps - 1) / steps), 1, Prefetching.LineFloats);
        (int item, int position) = Math.DivRem(first, _positions);
        for (int m = first; m < end; m += tileRows)
        {
            tile.Rows = Math.Min(tileRows, end - m);
            for (int row = 0; row < tileRows; row++)
            {
                if (row >= tile.Rows)
                {
                    rowsA[row] = rowsA[0];
                    continue;
                }

                rowsA[row] = (nint)item * _images.Length + _patchStarts[position];
                rowsC[row] = (nint)(m + row) * Weight.Outputs;
                if (++position == _positions)
                    (item, position) = (item + 1, 0);
            }

            for (int block = 0; block < Weight.Blocks; block++)
            {
                tile.B = _weight + Weight.BlockStart(block);
                tile.Bias = _bias == null ? null : _bias + block * Weight.BlockWidth;
                tile.C = outputs + block * Weight.BlockWidth;
                tile.Vectors = Weight.VectorsOf(block);
                tile.ValidColumns = Weight.ValidOf(block);
                if (!_images.AreCopies)
                {
                    tile.Ahead = inputs + rowsA[0] + InputLength + block * (nint)Weight.Depth * aheadStride;
                    tile.AheadStride = aheadStride;
                }

                // Where the results go was last touched a step ago.
                for (int row = 0; row < tile.Rows; row++)
                    Prefetching.Range(tile.C + rowsC[row], Weight.BlockWidth);
                _kernels.Multiply(tile);
            }
        }
    }

    /// <summary>
    /// Both gradients: the inputs' of some items, or the weights' of a group of items for some tiles.
    /// </summary>
    private void BackwardTask(int task, int worker)
    {
        // Both kinds in proportion, so that a worker's neighbouring tasks are about the same items.
        int tasks = _inputTasks + _groups * _parts;
        int inputsBefore = (int)((long)task * _inputTasks / tasks);
        if ((long)(task + 1) * _inputTasks / tasks > inputsBefore)
        {
            BackwardInputs(inputsBefore * ItemsPerTask, worker);
        }
        else
        {
            (int group, int part) = Math.DivRem(task - inputsBefore, _parts);
            BackwardWeights(group, part, worker);
        }
    }

    /// <summary>
    /// weightGradient[(y, x, c), n] = Σ inputs[b, oy·stride + y, ox·stride + x, c] · outputGradients[b, oy, ox, n],
    /// for one group of items and some tiles, each a stretch of one filter row; items and positions in order. The
    /// first group's sums go where all will be.
    /// </summary>
    private void BackwardWeights(int group, int part, int worker)
    {
        int firstItem = (int)((long)group * _batch / _groups), endItem = (int)((long)(group + 1) * _batch / _groups);
        int firstTile = part * FilterTiles / _parts, endTile = (part + 1) * FilterTiles / _parts;
        float* gradients = group == 0 ? _gradients : _partial.Pointer + (group - 1) * PartialLength;
        OuterTile tile = new()
        {
            GroupStrideA = (nint)_stride * _rowStride,
            Count = _outWidth,
            StrideA = (nint)_stride * _channels,
            StrideB = Weight.Outputs,
        };
        for (int item = firstItem; item < endItem; item++)
        {
            float* outputGradients = _outputGradients + (nint)item * OutputLength;
            float* inputs = _images.Take(_inputs, item, 0, _images.Length / _rowStride, worker);
            if (part == 0 && _bias != null)
            {
                bool add = item > firstItem;
                _kernels.SumRows(outputGradients, _positions, Weight.Outputs, add, gradients + _biasOffset);
            }

            int rowsAtATime = Math.Max(1, PositionsPerChunk / _outWidth);
            for (int outRow = 0; outRow < _outHeight; outRow += rowsAtATime)
            {
                tile.Continue = item > firstItem || outRow > 0;
                tile.Groups = Math.Min(rowsAtATime, _outHeight - outRow);
                for (int block = 0; block < Weight.Blocks; block++)
                {
                    tile.B = outputGradients + (nint)outRow * _outWidth * Weight.Outputs + block * Weight.BlockWidth;
                    tile.Vectors = Weight.VectorsOf(block);
                    tile.ValidColumns = Weight.ValidOf(block);
                    tile.StrideC = Weight.WidthOf(block);
                    for (int filterTile = firstTile; filterTile < endTile;)
                    {
                        // What is left of a filter row.
                        (int row, int tileOfRow) = Math.DivRem(filterTile, TilesPerFilterRow);
                        int tiles = Math.Min(TilesPerFilterRow - tileOfRow, endTile - filterTile);
                        int k = tileOfRow * _kernels.TileRows;
                        tile.A = inputs + outRow * tile.GroupStrideA + row * _rowStride + k;
                        tile.C = gradients + Weight.BlockStart(block) + (row * _run + k) * tile.StrideC;
                        tile.Rows = Math.Min(tiles * _kernels.TileRows, _run - k);
                        _kernels.MultiplyTransposed(tile);
                        filterTile += tiles;
                    }
                }
            }
        }
    }

    /// <summary>Adds the other groups' sums to the first's, in order, for one chunk.</summary>
    private void SumTask(int chunk, int worker)
    {
        int start = chunk * SumChunk, count = (int)Math.Min(SumChunk, PartialLength - start);
        _kernels.SumRows(
            _partial.Pointer + start, _groups - 1, count, PartialLength, add: true, _gradients + start);
    }

    /// <summary>One filter pixel's weights as [block of channels, outputs, channels of the block].</summary>
    private void TransposeTask(int pixel, int worker)
    {
        for (int channelBlock = 0; channelBlock < _inputBlocks; channelBlock++)
        {
            int first = channelBlock * _kernels.BlockWidth, width = VectorsOf(channelBlock) * _kernels.Lanes;
            int channels = Math.Min(_kernels.BlockWidth, _channels - first);
            float* destination = TransposedOf(pixel, channelBlock);
            for (int block = 0; block < Weight.Blocks; block++)
            {
                int stride = Weight.WidthOf(block);
                float* source = _weight + Weight.BlockStart(block) + (nint)(pixel * _channels + first) * stride;
                Transposition.Run(
                    source, stride, channels, Weight.ValidOf(block), destination + block * Weight.BlockWidth * width, width);
            }
        }
    }

    /// <summary>How many vectors a block of the input's channels takes.</summary>
    private int VectorsOf(int channelBlock) =>
        _channels - channelBlock * _kernels.BlockWidth <= _kernels.Lanes ? 1 : 2;

    private float* TransposedOf(int pixel, int block) =>
        _transposed.Pointer + ((nint)pixel * _inputBlocks + block) * Weight.Outputs * _kernels.BlockWidth;

    /// <summary>
    /// Some items' inputGradients: for each filter pixel in order, what the outputs give back to the input pixel under
    /// it. For one filter pixel, different positions touch different input pixels, so a tile may add to all of them at
    /// once. Some positions at a time, the last ones first: their filter pixels come first at an input pixel.
    /// </summary>
    [SkipLocalsInit]
    private void BackwardInputs(int firstItem, int worker)
    {
        int tileRows = _kernels.TileRows, outputs = Weight.Outputs;
        int items = Math.Min(ItemsPerTask, _batch - firstItem), count = items * _positions;
        float* inputGradients = _inputGradients + (nint)firstItem * InputLength;
        float* gradients = _padding > 0 ? _paddedGradients[worker].Pointer : inputGradients;
        new Span<float>(gradients, items * _images.Length).Clear();

        // The next task's, which in a worker's stretch is about the next items.
        int end = firstItem + items, nextItems = Math.Min(ItemsPerTask, _batch - end);
        AheadStretches ahead = new(
            _outputGradients + (nint)end * OutputLength, (long)nextItems * OutputLength,
            _inputs + (nint)end * InputLength, (long)nextItems * InputLength);

        nint* lastRows = stackalloc nint[tileRows];
        RowTile tile = new()
        {
            A = _outputGradients + (nint)firstItem * OutputLength,
            Segments = 1,
            Run = outputs,
            Continue = true,
        };
        fixed (nint* outputStarts = _outputStarts, patchStarts = _patchStarts)
        {
            for (int first = (count - 1) / PositionsPerPass * PositionsPerPass; first >= 0; first -= PositionsPerPass)
            {
                // Those that fill no tile, and in place of what is missing the last one again.
                int positions = Math.Min(PositionsPerPass, count - first), whole = positions / tileRows * tileRows;
                for (int row = 0; row < tileRows; row++)
                    lastRows[row] = (nint)Math.Min(count - 1, first + whole + row) * outputs;
                for (int pixel = 0; pixel < _kernel * _kernel; pixel++)
                {
                    nint offset = pixel / _kernel * _rowStride + pixel % _kernel * _channels;
                    for (int block = 0; block < _inputBlocks; block++)
                    {
                        tile.B = TransposedOf(pixel, block);
                        tile.Vectors = VectorsOf(block);
                        tile.C = gradients + offset + block * _kernels.BlockWidth;
                        tile.ValidColumns = Math.Min(_kernels.BlockWidth, _channels - block * _kernels.BlockWidth);
                        tile.Rows = whole;
                        tile.RowsA = outputStarts + first;
                        tile.RowsC = patchStarts + first;
                        ahead.Give(ref tile, (long)whole / tileRows * outputs);
                        _kernels.Multiply(tile);
                        tile.Ahead = null;
                        tile.AheadStride = 0;
                        tile.Rows = positions - whole;
                        tile.RowsA = lastRows;
                        tile.RowsC = patchStarts + first + whole;
                        _kernels.Multiply(tile);
                    }
                }
            }
        }

        for (int item = 0; _padding > 0 && item < items; item++)
            _images.Crop(gradients + (nint)item * _images.Length, inputGradients + (nint)item * InputLength);
        if (_maskInputs)
            _kernels.Mask(_inputs + (nint)firstItem * InputLength, items * InputLength, inputGradients);
    }
}
