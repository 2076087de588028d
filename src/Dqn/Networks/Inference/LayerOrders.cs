namespace Dqn.Networks;

/// <summary>
/// In which orders layers make up a network: each takes what the one before gives, the last values the actions, and
/// numbers in names grow. A file's own order counts as well, unless it is only the alphabet's.
/// </summary>
internal sealed class LayerOrders
{
    /// <summary>More layers than anyone infers.</summary>
    public const int MaxLayers = 256;

    private const int MaxFound = 4;
    private const int MaxSteps = 5000;

    private readonly Sequential _task;
    private readonly List<List<TensorLayer>> _chains;
    private readonly int[] _taken;
    private readonly int _count;
    private readonly List<TensorLayer> _order = [];
    private readonly List<TensorLayer[]> _found = [];
    private int _steps;

    private LayerOrders(Sequential task, List<List<TensorLayer>> chains)
    {
        (_task, _chains, _taken) = (task, chains, new int[chains.Count]);
        _count = chains.Sum(chain => chain.Count);
    }

    /// <summary>The orders that fit a task, as they are told apart: none, one, or several.</summary>
    /// <param name="layers">In the file's order.</param>
    /// <param name="task">Observation and actions.</param>
    /// <param name="byFile">Whether the only one found was taken for the file's order, others being possible.</param>
    public static List<TensorLayer[]> Find(List<TensorLayer> layers, Sequential task, out bool byFile)
    {
        byFile = false;
        if (layers.Count > MaxLayers || !layers.Exists(layer => layer.Outputs == task.ActionCount)
            || !layers.Exists(layer => layer.Fits(null, task)))
        {
            return [];
        }

        List<TensorLayer[]> orders = Search(task, ByNumbers(layers));
        TensorLayer[] asStored = [.. layers];
        bool isStored = !IsAlphabetical(layers) && IsNetwork(asStored, task);
        if (orders.Count == 0)
            orders = Search(task, [.. layers.Select(layer => new List<TensorLayer> { layer })]);
        if (isStored && !orders.Exists(order => order.SequenceEqual(asStored)))
            return [.. orders, asStored];
        if (!isStored || orders.Count == 1)
            return orders;
        byFile = true;
        return [asStored];
    }

    private static List<TensorLayer[]> Search(Sequential task, List<List<TensorLayer>> chains)
    {
        var search = new LayerOrders(task, chains);
        search.Extend();
        return search._found;
    }

    // Layers whose names differ in numbers alone, in the numbers' order.
    private static List<List<TensorLayer>> ByNumbers(List<TensorLayer> layers) =>
    [
        .. layers.Select(layer => (Layer: layer, Name: new LayerName(layer.Name))).GroupBy(item => item.Name.Stem)
            .Select(group => group.OrderBy(item => item.Name).Select(item => item.Layer).ToList()),
    ];

    private static bool IsAlphabetical(List<TensorLayer> layers) => layers.Zip(layers.Skip(1)).All(
        pair => string.CompareOrdinal(pair.First.Name, pair.Second.Name) <= 0);

    private static bool IsNetwork(TensorLayer[] layers, Sequential task)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            if (!layers[i].Fits(i == 0 ? null : layers[i - 1], task))
                return false;
        }

        return Ends(layers[^1], task);
    }

    private static bool Ends(TensorLayer last, Sequential task) =>
        !last.IsConvolution && last.Outputs == task.ActionCount;

    private void Extend()
    {
        TensorLayer? before = _order.Count == 0 ? null : _order[^1];
        if (_order.Count == _count && Ends(before!, _task))
            _found.Add([.. _order]);
        for (int i = 0; i < _chains.Count && _found.Count < MaxFound && _steps++ < MaxSteps; i++)
        {
            if (_taken[i] == _chains[i].Count || !_chains[i][_taken[i]].Fits(before, _task))
                continue;
            _order.Add(_chains[i][_taken[i]++]);
            Extend();
            _taken[i]--;
            _order.RemoveAt(_order.Count - 1);
        }
    }
}
