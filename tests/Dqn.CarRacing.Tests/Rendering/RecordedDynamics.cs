using Dqn.CarRacing;

namespace Dqn.Tests.CarRacing.Rendering;

/// <summary>Bodies that move as a golden episode's rows say, whatever pushes them.</summary>
/// <param name="rows">From the hull's position on: 6 numbers of the hull, 13 of each wheel.</param>
internal sealed class RecordedDynamics(double[][] rows) : UnpushedDynamics
{
    private const int HullColumns = 6, WheelColumns = 13;

    private readonly BodyState[] _wheels = new BodyState[4];
    private readonly int[] _tiles = new int[4];
    private int _next;

    public override BodyState Wheel(int wheel) => _wheels[wheel];

    public override float JointAngle(int wheel) => _next == 0 ? 0 : (float)Cell(wheel, 8);

    public double Omega(int wheel) => Cell(wheel, 6);

    public double Phase(int wheel) => Cell(wheel, 7);

    public override void Reset(Track track, CarPose pose)
    {
        _next = 0;
        Array.Clear(_tiles);
        TrackTile start = track.Tiles[0];
        Hull = Body([start.X, start.Y, start.Beta, 0, 0, 0]);
        for (int i = 0; i < 4; i++)
        {
            (double x, double y) = CarShape.WheelPosition[i];
            _wheels[i] = Body([start.X + x, start.Y + y, start.Beta, 0, 0, 0]);
        }
    }

    public override void Step(List<TileContact> contacts)
    {
        Hull = Body(rows[_next]);
        _next++;
        for (int i = 0; i < 4; i++)
        {
            _wheels[i] = Body(rows[_next - 1].AsSpan(HullColumns + WheelColumns * i));
            for (int count = (int)Cell(i, 12); _tiles[i] < count; _tiles[i]++)
                contacts.Add(new(i + 1, 0, true));
            for (int count = (int)Cell(i, 12); _tiles[i] > count; _tiles[i]--)
                contacts.Add(new(i + 1, 0, false));
        }
    }

    private double Cell(int wheel, int column) => rows[_next - 1][HullColumns + WheelColumns * wheel + column];

    private static BodyState Body(ReadOnlySpan<double> cells)
    {
        float angle = (float)cells[2];
        return new(
            (float)cells[0], (float)cells[1], angle, (float)Math.Sin(angle), (float)Math.Cos(angle),
            (float)cells[3], (float)cells[4], (float)cells[5]);
    }
}
