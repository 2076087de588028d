namespace Dqn.CarRacing.Training;

/// <summary>
/// How far a car has come along the track and what it has left out: what shaped rewards are made of, beyond what the
/// score needs. An environment keeps it only if asked to (<see cref="Follow"/>), and saves it with its state.
/// </summary>
public sealed class LapProgress
{
    // Wheels come onto neighbouring tiles in any order, whatever the car's angle, but not onto such that are further apart.
    private const int Neighbours = 4;

    // Whoever cuts more than so many tiles short has not gone on along the track.
    private const int LongestCut = 50;

    private readonly Lap _lap;

    // The tile behind the lap's last one; the number of tiles unless part of the lap counts as visited.
    private int _end;

    // The tiles before this one were behind the car at some time.
    private int _behind;

    internal LapProgress(Lap lap) => _lap = lap;

    /// <summary>
    /// The furthest tile along the track that the car has come to. The last tile, which lies under the car at some tracks'
    /// start, is not it.
    /// </summary>
    public int Reached { get; private set; }

    /// <summary>
    /// Whether the car has come past the end of the lap, to the fourth tile behind it or one of those that follow. If the
    /// lap is not finished by then, all tiles not visited are <see cref="Missed"/>, and the episode goes on.
    /// </summary>
    public bool IsPassed { get; private set; }

    /// <summary>
    /// How many tiles the car has driven past without a wheel on them: those not visited while it is four or more tiles
    /// further along the track. One of them is enough for the lap not to end before the car comes back to it.
    /// </summary>
    public int Missed => _lap.CountNotVisited(_behind);

    /// <summary>How many tiles were ever driven past, those that the car came back to included.</summary>
    public int DrivenPast { get; private set; }

    /// <summary>How many of these, when they were, did not follow another such tile.</summary>
    public int Gaps { get; private set; }

    private int Behind => IsPassed ? _end : Math.Max(Reached + 1 - Neighbours, 0);

    /// <summary>
    /// An environment's progress, from its next <see cref="CarRacingEnvironment.Reset(ulong?)"/> on; the same for
    /// whoever asks.
    /// </summary>
    public static LapProgress Follow(CarRacingEnvironment environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return environment.FollowProgress();
    }

    internal void Begin(int first, int end)
    {
        _end = end;
        (Reached, IsPassed) = (Math.Max(first - 1, 0), false);
        (_behind, DrivenPast, Gaps) = (0, 0, 0);
    }

    /// <summary>A wheel came onto a tile; whether for the first time, the lap has said.</summary>
    internal void Visit(int tile, bool first)
    {
        // As far behind the last tile as makes a tile a missed one.
        int behindEnd = tile >= _end ? tile - _end : tile + _lap.Tiles - _end;
        IsPassed |= behindEnd is >= Neighbours - 1 and < LongestCut && Reached >= _end - LongestCut;
        if (first && tile > Reached && tile <= Reached + LongestCut)
            Reached = tile;

        // What lies behind the car is judged as it goes on: whether it comes back to a tile later does not count.
        for (; _behind < Behind; _behind++)
        {
            if (_lap.IsVisited(_behind))
                continue;
            DrivenPast++;
            Gaps += _behind == 0 || _lap.IsVisited(_behind - 1) ? 1 : 0;
        }
    }

    internal void Save(BinaryWriter writer)
    {
        writer.Write(Reached);
        writer.Write(_end);
        writer.Write(IsPassed);
        writer.Write(DrivenPast);
        writer.Write(Gaps);
    }

    internal void Load(BinaryReader reader)
    {
        Reached = reader.ReadInt32();
        _end = reader.ReadInt32();
        IsPassed = reader.ReadBoolean();
        DrivenPast = reader.ReadInt32();
        Gaps = reader.ReadInt32();
        int tiles = _lap.Tiles;
        if (Reached < 0 || Reached >= tiles)
            throw new InvalidDataException($"Lap: expected to have reached a tile 0 … {tiles - 1}, got {Reached}.");
        if (_end < 1 || _end > tiles)
            throw new InvalidDataException($"Lap: expected an end of 1 … {tiles}, got {_end}.");
        if (Gaps < 0 || DrivenPast < Gaps || DrivenPast > tiles)
        {
            throw new InvalidDataException(
                $"Lap: expected 0 … {tiles} tiles driven past in no more gaps, got {DrivenPast} in {Gaps}.");
        }

        _behind = Behind;
    }
}
