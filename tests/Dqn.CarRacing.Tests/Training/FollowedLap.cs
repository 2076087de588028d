using Dqn.CarRacing;
using Dqn.CarRacing.Training;

namespace Dqn.Tests.CarRacing.Training;

/// <summary>A lap and the progress along it, as an environment keeps them together.</summary>
internal sealed class FollowedLap
{
    private readonly Lap _lap;
    private readonly LapProgress _progress;

    public FollowedLap(double completePercent, bool endsOnPercentage = false)
    {
        _lap = new Lap(completePercent, endsOnPercentage);
        _progress = new LapProgress(_lap);
    }

    public int Tiles => _lap.Tiles;

    public int Visited => _lap.Visited;

    public bool Finished => _lap.Finished;

    public bool IsPassed => _progress.IsPassed;

    public int Missed => _progress.Missed;

    public int DrivenPast => _progress.DrivenPast;

    public int Gaps => _progress.Gaps;

    public void Begin(int tiles, int first = 0, int? end = null)
    {
        _lap.Begin(tiles, first, end ?? tiles);
        _progress.Begin(first, end ?? tiles);
    }

    public bool IsVisited(int tile) => _lap.IsVisited(tile);

    public bool Visit(int tile)
    {
        bool first = _lap.Visit(tile);
        _progress.Visit(tile, first);
        return first;
    }

    public void Save(BinaryWriter writer)
    {
        _lap.Save(writer);
        _progress.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        _lap.Load(reader);
        _progress.Load(reader);
    }
}
