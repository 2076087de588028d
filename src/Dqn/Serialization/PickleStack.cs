using Dqn.Files;

namespace Dqn.Serialization;

/// <summary>
/// The stack, the marks and the memo of a <see cref="PickleReader"/>, every growth of which counts in the budget.
/// </summary>
internal sealed class PickleStack(MemoryBudget budget, Func<string, InvalidDataException> error)
{
    private const string What = "The values of the pickle";

    private readonly List<object?> _values = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    /// <summary>Whether nothing is left.</summary>
    public bool IsEmpty => _values.Count == 0 && _marks.Count == 0;

    // A mark hides what lies below it until it is taken away.
    private int Floor => _marks.Count == 0 ? 0 : _marks[^1];

    public void Clear()
    {
        _values.Clear();
        _marks.Clear();
        _memo.Clear();
    }

    /// <summary>Counts what a value takes besides its place here.</summary>
    public void Count(Int128 bytes) => budget.Take(bytes, What);

    /// <summary>Pushes a value that takes so many bytes.</summary>
    public void Push(object? value, int bytes)
    {
        CountGrowth(_values.Count, _values.Capacity, sizeof(long));
        Count(bytes);
        _values.Add(value);
    }

    public void Mark()
    {
        CountGrowth(_marks.Count, _marks.Capacity, sizeof(int));
        _marks.Add(_values.Count);
    }

    public object? Peek() => _values.Count > Floor ? _values[^1] : throw error("nothing on the stack");

    public T Peek<T>(string expected)
        where T : class => Peek() as T ?? throw error($"expected {expected} on the stack");

    public object? Pop()
    {
        object? value = Peek();
        _values.RemoveAt(_values.Count - 1);
        return value;
    }

    public T Pop<T>(string expected)
        where T : class => Pop() as T ?? throw error($"expected {expected} on the stack");

    public object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw error("no mark on the stack");
        int start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopFrom(start);
    }

    public object?[] PopMany(int count) => PopFrom(_values.Count - count);

    public void Memoize(uint index)
    {
        if (!_memo.ContainsKey(index))
            Count(MemoryBudget.Entry);
        _memo[index] = Peek();
    }

    public void Memoize() => Memoize((uint)_memo.Count);

    public object? Recall(uint index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw error($"the memo has no entry {index}");

    private object?[] PopFrom(int start)
    {
        if (start < Floor)
            throw error("too few values on the stack");
        int count = _values.Count - start;
        Count(MemoryBudget.Object + (sizeof(long) * (long)count));
        var items = new object?[count];
        _values.CopyTo(start, items, 0, count);
        _values.RemoveRange(start, count);
        return items;
    }

    private void CountGrowth(int count, int capacity, int size)
    {
        if (count == capacity)
            Count(MemoryBudget.Object + (2L * capacity * size));
    }
}
