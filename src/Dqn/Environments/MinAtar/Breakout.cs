using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Breakout: the ball moves a cell diagonally each step and turns back at walls, at the paddle and at bricks, of which it
/// breaks one at a time: never two on steps that follow each other.
/// </summary>
internal sealed class Breakout : IMinAtarRules
{
    private const int PaddleChannel = 0, BallChannel = 1, TrailChannel = 2, BrickChannel = 3;
    private const int Last = CellPicture.Side - 1, FirstBrickRow = 1, BrickRows = 3;

    private readonly bool[] _bricks = new bool[BrickRows * CellPicture.Side];
    private int _paddle, _x, _y, _dx, _dy, _trailX, _trailY;
    private bool _struck; // a brick on the step before

    public int Channels => 4;

    public ImmutableArray<MinAtarMove> MinimalMoves { get; } = [MinAtarMove.None, MinAtarMove.Left, MinAtarMove.Right];

    public void Reset(Pcg64 random)
    {
        bool fromLeft = random.Integer(2) == 0;
        (_x, _y) = (fromLeft ? 0 : Last, 3);
        (_dx, _dy) = (fromLeft ? 1 : -1, 1);
        (_trailX, _trailY) = (_x, _y);
        (_paddle, _struck) = (4, false);
        Array.Fill(_bricks, true);
    }

    public StepResult Step(MinAtarMove move, Pcg64 random)
    {
        if (move == MinAtarMove.Left)
            _paddle = Math.Max(0, _paddle - 1);
        else if (move == MinAtarMove.Right)
            _paddle = Math.Min(Last, _paddle + 1);

        (_trailX, _trailY) = (_x, _y);
        int x = _x + _dx, y = Math.Min(Last, _y + _dy), reward = 0;
        bool struck = false, lost = false;
        if (!CellPicture.IsInside(x))
        {
            x = Math.Clamp(x, 0, Last);
            _dx = -_dx;
        }

        if (y < 0)
        {
            y = 0;
            _dy = -_dy;
        }
        else if (IsBrick(x, y))
        {
            struck = true;
            if (!_struck)
            {
                reward = 1;
                _bricks[Brick(x, y)] = false;
                y = _y;
                _dy = -_dy;
            }
        }
        else if (y == Last)
        {
            if (!_bricks.Contains(true))
                Array.Fill(_bricks, true);
            if (_x == _paddle)
            {
                y = _y;
                _dy = -_dy;
            }
            else if (x == _paddle)
            {
                // On its edge: back where it came from.
                y = _y;
                (_dx, _dy) = (-_dx, -_dy);
            }
            else
            {
                lost = true;
            }
        }

        _struck = struck;
        (_x, _y) = (x, y);
        return new StepResult(reward, lost, false);
    }

    public void Draw(CellPicture picture)
    {
        picture.Set(BallChannel, _y, _x);
        picture.Set(PaddleChannel, Last, _paddle);
        picture.Set(TrailChannel, _trailY, _trailX);
        for (int i = 0; i < _bricks.Length; i++)
            if (_bricks[i])
                picture.Set(BrickChannel, FirstBrickRow + i / CellPicture.Side, i % CellPicture.Side);
    }

    public void SaveState(BinaryWriter writer)
    {
        foreach (bool brick in _bricks)
            writer.Write(brick);
        foreach (int number in (ReadOnlySpan<int>)[_paddle, _x, _y, _dx, _dy, _trailX, _trailY])
            writer.Write(number);
        writer.Write(_struck);
    }

    public void LoadState(BinaryReader reader)
    {
        for (int i = 0; i < _bricks.Length; i++)
            _bricks[i] = reader.ReadBoolean();
        _paddle = reader.ReadInteger(0, Last, "the paddle's column");
        (_x, _y) = (reader.ReadInteger(0, Last, "the ball's column"), reader.ReadInteger(0, Last, "the ball's row"));
        (_dx, _dy) = (reader.ReadDirection(), reader.ReadDirection());
        (_trailX, _trailY) = (reader.ReadInteger(0, Last, "the trail's column"), reader.ReadInteger(0, Last, "the trail's row"));
        _struck = reader.ReadBoolean();
    }

    private bool IsBrick(int x, int y) => y is >= FirstBrickRow and < FirstBrickRow + BrickRows && _bricks[Brick(x, y)];

    private static int Brick(int x, int y) => (y - FirstBrickRow) * CellPicture.Side + x;
}
