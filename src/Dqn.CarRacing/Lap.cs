namespace Dqn.CarRacing;

/// <summary>Which tiles the wheels have visited, and whether that makes a lap: what the score counts.</summary>
internal sealed class Lap(double completePercent, bool endsOnPercentage = false)
{
    private bool[] _visited = [];
    private bool _passedStart;

    /// <summary>How many tiles the track has.</summary>
    public int Tiles { get; private set; }

    /// <summary>How many tiles were visited.</summary>
    public int Visited { get; private set; }

    /// <summary>
    /// Every tile was visited, or the first one after enough of the others: for the first time, or, where the percentage alone
    /// ends the lap, ever again.
    /// </summary>
    public bool Finished => Visited == Tiles || _passedStart;

    /// <summary>Starts an episode. Its lap may be a part of the track: the other tiles count as visited.</summary>
    /// <param name="tiles">How many tiles the track has.</param>
    /// <param name="first">The first tile of the lap.</param>
    /// <param name="end">The tile behind its last one.</param>
    public void Begin(int tiles, int first, int end)
    {
        if (_visited.Length < tiles)
            _visited = new bool[tiles];
        _visited.AsSpan().Clear();
        _visited.AsSpan(0, first).Fill(true);
        _visited.AsSpan(end, tiles - end).Fill(true);
        (Tiles, Visited, _passedStart) = (tiles, tiles - (end - first), false);
    }

    /// <summary>Whether a tile was visited.</summary>
    public bool IsVisited(int tile) => _visited[tile];

    /// <summary>Of the tiles before <paramref name="end"/>, how many were not visited.</summary>
    public int CountNotVisited(int end) => _visited.AsSpan(0, end).Count(false);

    /// <summary>A wheel came onto a tile. Returns whether it is the first visit.</summary>
    public bool Visit(int tile)
    {
        bool first = !_visited[tile];
        if (first)
        {
            _visited[tile] = true;
            Visited++;
        }

        if (tile == 0 && (first || endsOnPercentage) && Visited / (double)Tiles > completePercent)
            _passedStart = true;
        return first;
    }

    /// <summary>Writes the visits.</summary>
    public void Save(BinaryWriter writer)
    {
        foreach (bool visited in _visited.AsSpan(0, Tiles))
            writer.Write(visited);
        writer.Write(_passedStart);
    }

    /// <summary>Reads what <see cref="Save"/> wrote, after <see cref="Begin"/> with the same number of tiles.</summary>
    public void Load(BinaryReader reader)
    {
        Visited = 0;
        foreach (ref bool visited in _visited.AsSpan(0, Tiles))
        {
            visited = reader.ReadBoolean();
            Visited += visited ? 1 : 0;
        }

        _passedStart = reader.ReadBoolean();
    }
}
