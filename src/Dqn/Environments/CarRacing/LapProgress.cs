namespace Dqn.Environments.CarRacing;

/// <summary>Which tiles the wheels have visited, and whether that makes a lap.</summary>
internal sealed class LapProgress(double completePercent)
{
    // A wheel comes onto tiles next to each other within a tile or two of the same time, whatever the car's angle.
    private const int Behind = 4;
    private const int Reach = 20;

    private bool[] _visited = [];
    private bool _passedStart;

    /// <summary>How many tiles the track has.</summary>
    public int Tiles { get; private set; }

    /// <summary>How many tiles were visited.</summary>
    public int Visited { get; private set; }

    /// <summary>Every tile was visited, or the first one after enough of the others.</summary>
    public bool Finished => Visited == Tiles || _passedStart;

    /// <summary>Starts an episode.</summary>
    public void Begin(int tiles)
    {
        if (_visited.Length < tiles)
            _visited = new bool[tiles];
        _visited.AsSpan().Clear();
        (Tiles, Visited, _passedStart) = (tiles, 0, false);
    }

    /// <summary>A wheel came onto a tile. Returns whether it is the first visit.</summary>
    public bool Visit(int tile)
    {
        if (_visited[tile])
            return false;
        _visited[tile] = true;
        Visited++;
        if (tile == 0 && Visited / (double)Tiles > completePercent)
            _passedStart = true;
        return true;
    }

    /// <summary>
    /// How many tiles were driven past: not visited, but one of those from the fourth to the twentieth after it was.
    /// </summary>
    public int CountMissed()
    {
        int missed = 0;
        int last = -1; // The last visited tile up to i + Reach.
        int next = 0;
        for (int i = 0; i < Tiles; i++)
        {
            for (; next < Tiles && next <= i + Reach; next++)
            {
                if (_visited[next])
                    last = next;
            }

            if (!_visited[i] && last >= i + Behind)
                missed++;
        }

        return missed;
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
