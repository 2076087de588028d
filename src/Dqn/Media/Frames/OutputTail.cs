namespace Dqn.Media;

/// <summary>The last lines of a process's output. Safe for concurrent use.</summary>
internal sealed class OutputTail(int lines)
{
    private readonly Queue<string> _lines = new();

    /// <param name="line">Null (the output's end) and blank lines are not kept.</param>
    public void Add(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lines)
        {
            if (_lines.Count == lines)
                _lines.Dequeue();
            _lines.Enqueue(line.TrimEnd());
        }
    }

    public override string ToString()
    {
        lock (_lines)
            return string.Join('\n', _lines);
    }
}
