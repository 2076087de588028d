using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Asterix: eight rows, in each at most one thing that crosses it, an enemy or gold. Every 10th step a new one comes into a
/// random free row, every 5th step all of them move a cell; both periods become shorter.
/// </summary>
internal sealed class Asterix(bool ramping) : IMinAtarRules
{
    private const int PlayerChannel = 0, EnemyChannel = 1, TrailChannel = 2, GoldChannel = 3;
    private const int FirstRow = 1, Rows = 8;
    private const int FirstSpawnPeriod = 10, FirstMovePeriod = 5, RampSteps = 100;

    // What crosses each row, the uppermost first.
    private readonly Crossing[] _crossings = new Crossing[Rows];
    private int _x, _y;
    private int _spawnPeriod, _spawnTimer, _movePeriod, _moveTimer;
    private int _rampTimer, _ramps;

    public int Channels => 4;

    public ImmutableArray<MinAtarMove> MinimalMoves { get; } =
        [MinAtarMove.None, MinAtarMove.Left, MinAtarMove.Up, MinAtarMove.Right, MinAtarMove.Down];

    public void Reset(Pcg64 random)
    {
        Array.Clear(_crossings);
        (_x, _y) = (5, 5);
        _spawnPeriod = _spawnTimer = FirstSpawnPeriod;
        _movePeriod = _moveTimer = FirstMovePeriod;
        (_rampTimer, _ramps) = (RampSteps, 0);
    }

    public StepResult Step(MinAtarMove move, Pcg64 random)
    {
        if (_spawnTimer == 0)
        {
            Spawn(random);
            _spawnTimer = _spawnPeriod;
        }

        MovePlayer(move);
        int gold = 0;
        bool caught = Touch(ref gold);
        if (_moveTimer == 0)
        {
            _moveTimer = _movePeriod;
            MoveCrossings();
            caught |= Touch(ref gold);
        }

        _spawnTimer--;
        _moveTimer--;
        if (ramping)
            Ramp();
        return new StepResult(gold, caught, false);
    }

    public void Draw(CellPicture picture)
    {
        picture.Set(PlayerChannel, _y, _x);
        for (int i = 0; i < Rows; i++)
        {
            Crossing crossing = _crossings[i];
            if (!crossing.Exists)
                continue;
            picture.Set(crossing.IsGold ? GoldChannel : EnemyChannel, FirstRow + i, crossing.X);
            picture.SetIfInside(TrailChannel, FirstRow + i, crossing.X - crossing.Direction);
        }
    }

    public void SaveState(BinaryWriter writer)
    {
        foreach (Crossing crossing in _crossings)
        {
            writer.Write(crossing.Exists);
            writer.Write(crossing.X);
            writer.Write(crossing.MovesRight);
            writer.Write(crossing.IsGold);
        }

        foreach (int number in (ReadOnlySpan<int>)[_x, _y, _spawnPeriod, _spawnTimer, _movePeriod, _moveTimer, _rampTimer, _ramps])
            writer.Write(number);
    }

    public void LoadState(BinaryReader reader)
    {
        for (int i = 0; i < Rows; i++)
        {
            _crossings[i] = new Crossing(
                reader.ReadBoolean(), reader.ReadInteger(0, CellPicture.Side - 1, "a column"), reader.ReadBoolean(),
                reader.ReadBoolean());
        }

        _x = reader.ReadInteger(0, CellPicture.Side - 1, "the player's column");
        _y = reader.ReadInteger(FirstRow, Rows, "the player's row");
        _spawnPeriod = reader.ReadInteger(1, FirstSpawnPeriod, "a spawn period");
        _spawnTimer = reader.ReadInteger(0, FirstSpawnPeriod, "a spawn timer");
        _movePeriod = reader.ReadInteger(1, FirstMovePeriod, "a move period");
        _moveTimer = reader.ReadInteger(0, FirstMovePeriod, "a move timer");
        _rampTimer = reader.ReadInteger(-1, RampSteps, "a ramp timer");
        _ramps = reader.ReadInteger(0, FirstSpawnPeriod + 2 * FirstMovePeriod, "a ramp");
    }

    private void Spawn(Pcg64 random)
    {
        bool movesRight = random.NextDouble() < 1.0 / 2, isGold = random.NextDouble() < 1.0 / 3;
        int free = _crossings.Count(crossing => !crossing.Exists);
        if (free == 0)
            return;
        int chosen = random.Integer(free);
        for (int i = 0; i < Rows; i++)
        {
            if (_crossings[i].Exists || chosen-- > 0)
                continue;
            _crossings[i] = new Crossing(true, movesRight ? 0 : CellPicture.Side - 1, movesRight, isGold);
            return;
        }
    }

    private void MovePlayer(MinAtarMove move)
    {
        switch (move)
        {
            case MinAtarMove.Left:
                _x = Math.Max(0, _x - 1);
                break;
            case MinAtarMove.Right:
                _x = Math.Min(CellPicture.Side - 1, _x + 1);
                break;
            case MinAtarMove.Up:
                _y = Math.Max(FirstRow, _y - 1);
                break;
            case MinAtarMove.Down:
                _y = Math.Min(Rows, _y + 1);
                break;
        }
    }

    // Gold is taken; whether an enemy is where the player is.
    private bool Touch(ref int gold)
    {
        ref Crossing crossing = ref _crossings[_y - FirstRow];
        if (!crossing.Exists || crossing.X != _x)
            return false;
        if (!crossing.IsGold)
            return true;
        gold++;
        crossing = default;
        return false;
    }

    private void MoveCrossings()
    {
        foreach (ref Crossing crossing in _crossings.AsSpan())
        {
            if (!crossing.Exists)
                continue;
            int x = crossing.X + crossing.Direction;
            crossing = CellPicture.IsInside(x) ? crossing with { X = x } : default;
        }
    }

    // The spawn period becomes shorter each time, the move period every second time.
    private void Ramp()
    {
        if (_spawnPeriod == 1 && _movePeriod == 1)
            return;
        if (_rampTimer >= 0)
        {
            _rampTimer--;
            return;
        }

        if (_movePeriod > 1 && _ramps % 2 == 1)
            _movePeriod--;
        if (_spawnPeriod > 1)
            _spawnPeriod--;
        _ramps++;
        _rampTimer = RampSteps;
    }

    private readonly record struct Crossing(bool Exists, int X, bool MovesRight, bool IsGold)
    {
        public int Direction => MovesRight ? 1 : -1;
    }
}
