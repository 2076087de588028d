namespace Dqn.Environments.CarRacing;

/// <summary>Which tiles the wheels have visited, and whether that makes a lap.</summary>
internal sealed class LapProgress(double completePercent)
{
    // Wheels come onto neighbouring tiles in any order, whatever the car's angle, but not onto such that are further apart.
    private const int Neighbours = 4;

    // Whoever cuts more than so many tiles short has not gone on along the track.
    private const int LongestCut = 50;

    private bool[] _visited = [];
    private bool _passedStart;

    // The tile behind the lap's last one; the number of tiles unless part of the lap counts as visited.
    private int _end;

    // The tiles before this one were behind the car at some time.
    private int _behind;

    /// <summary>How many tiles the track has.</summary>
    public int Tiles { get; private set; }

    /// <summary>How many tiles were visited.</summary>
    public int Visited { get; private set; }

    /// <summary>Every tile was visited, or the first one after enough of the others.</summary>
    public bool Finished => Visited == Tiles || _passedStart;

    /// <summary>
    /// The furthest tile along the track that the car has come to. The last tile, which lies under the car at some tracks'
    /// start, is not it.
    /// </summary>
    public int Reached { get; private set; }

    /// <summary>The car has come past the end of the lap, whether it has finished it or missed tiles.</summary>
    public bool Passed { get; private set; }

    /// <summary>How many tiles were ever driven past, those that the car came back to included.</summary>
    public int DrivenPast { get; private set; }

    /// <summary>How many of these, when they were, did not follow another such tile.</summary>
    public int Gaps { get; private set; }

    private int Behind => Passed ? _end : Math.Max(Reached + 1 - Neighbours, 0);

    /// <summary>Starts an episode. Its lap may be a part of the track: the other tiles count as visited.</summary>
    public void Begin(int tiles, int first = 0, int? behindLast = null)
    {
        int end = behindLast ?? tiles;
        if (_visited.Length < tiles)
            _visited = new bool[tiles];
        _visited.AsSpan().Clear();
        _visited.AsSpan(0, first).Fill(true);
        _visited.AsSpan(end, tiles - end).Fill(true);
        (Tiles, Visited, _end) = (tiles, tiles - (end - first), end);
        (_passedStart, Reached, Passed) = (false, Math.Max(first - 1, 0), false);
        (_behind, DrivenPast, Gaps) = (0, 0, 0);
    }

    /// <summary>Whether a tile was visited.</summary>
    public bool IsVisited(int tile) => _visited[tile];

    /// <summary>A wheel came onto a tile. Returns whether it is the first visit.</summary>
    public bool Visit(int tile)
    {
        // As far behind the last tile as makes a tile a missed one.
        int behindEnd = tile >= _end ? tile - _end : tile + Tiles - _end;
        Passed |= behindEnd is >= Neighbours - 1 and < LongestCut && Reached >= _end - LongestCut;
        bool first = !_visited[tile];
        if (first)
        {
            _visited[tile] = true;
            Visited++;
            if (tile > Reached && tile <= Reached + LongestCut)
                Reached = tile;
            if (tile == 0 && Visited / (double)Tiles > completePercent)
                _passedStart = true;
        }

        DriveOn();
        return first;
    }

    /// <summary>How many tiles were driven past: not visited, and the car is four tiles further along the track.</summary>
    public int CountMissed() => _visited.AsSpan(0, _behind).Count(false);

    /// <summary>Writes the visits.</summary>
    public void Save(BinaryWriter writer)
    {
        foreach (bool visited in _visited.AsSpan(0, Tiles))
            writer.Write(visited);
        writer.Write(_passedStart);
        writer.Write(Reached);
        writer.Write(_end);
        writer.Write(Passed);
        writer.Write(DrivenPast);
        writer.Write(Gaps);
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
        Reached = reader.ReadInt32();
        _end = reader.ReadInt32();
        Passed = reader.ReadBoolean();
        DrivenPast = reader.ReadInt32();
        Gaps = reader.ReadInt32();
        if (Reached < 0 || Reached >= Tiles)
            throw new InvalidDataException($"Lap: expected to have reached a tile 0 … {Tiles - 1}, got {Reached}.");
        if (_end < 1 || _end > Tiles)
            throw new InvalidDataException($"Lap: expected an end of 1 … {Tiles}, got {_end}.");
        if (Gaps < 0 || DrivenPast < Gaps || DrivenPast > Tiles)
            throw new InvalidDataException($"Lap: expected 0 … {Tiles} tiles driven past in no more gaps, got {DrivenPast} in {Gaps}.");
        _behind = Behind;
    }

    // What lies behind the car is judged as the car goes on: whether it comes back to a tile later does not count.
    private void DriveOn()
    {
        for (; _behind < Behind; _behind++)
        {
            if (_visited[_behind])
                continue;
            DrivenPast++;
            Gaps += _behind == 0 || _visited[_behind - 1] ? 1 : 0;
        }
    }
}
