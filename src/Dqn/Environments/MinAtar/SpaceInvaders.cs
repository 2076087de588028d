using System.Collections.Immutable;
using System.Numerics;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Space Invaders: 24 aliens move sideways together, at the edge a row down: every 12th step, every 6th in later waves, and at
/// least every so many steps as there are aliens. The one nearest to the cannon's column shoots every 10th step.
/// </summary>
internal sealed class SpaceInvaders(bool ramping) : IMinAtarRules
{
    private const int CannonChannel = 0, AlienChannel = 1, LeftChannel = 2, RightChannel = 3, OwnBulletChannel = 4, EnemyBulletChannel = 5;
    private const int Side = CellPicture.Side, Ground = Side - 1;
    private const int ReloadSteps = 5, FirstMovePeriod = 12, LastMovePeriod = 6, EnemyShotPeriod = 10;
    private const int AllCells = (1 << Side) - 1, LeftEdge = 1, RightEdge = 1 << (Side - 1);
    private const int WaveRows = 4, WaveCells = 0b0011111100;

    // A row is a number, whose bit x is its cell x.
    private readonly int[] _aliens = new int[Side], _ownBullets = new int[Side], _enemyBullets = new int[Side];
    private int _cannon, _direction, _movePeriod, _moveTimer, _enemyShotTimer, _reloadTimer;

    public int Channels => 6;

    public ImmutableArray<MinAtarMove> MinimalMoves { get; } =
        [MinAtarMove.None, MinAtarMove.Left, MinAtarMove.Right, MinAtarMove.Fire];

    private int Aliens
    {
        get
        {
            int count = 0;
            foreach (int row in _aliens)
                count += BitOperations.PopCount((uint)row);
            return count;
        }
    }

    public void Reset(Pcg64 random)
    {
        Array.Clear(_aliens);
        Array.Clear(_ownBullets);
        Array.Clear(_enemyBullets);
        BeginWave();
        (_cannon, _direction) = (5, -1);
        _movePeriod = _moveTimer = FirstMovePeriod;
        (_enemyShotTimer, _reloadTimer) = (EnemyShotPeriod, 0);
    }

    public StepResult Step(MinAtarMove move, Pcg64 random)
    {
        if (move == MinAtarMove.Fire && _reloadTimer == 0)
        {
            _ownBullets[Ground] |= 1 << _cannon;
            _reloadTimer = ReloadSteps;
        }
        else if (move == MinAtarMove.Left)
        {
            _cannon = Math.Max(0, _cannon - 1);
        }
        else if (move == MinAtarMove.Right)
        {
            _cannon = Math.Min(Side - 1, _cannon + 1);
        }

        MoveBullets();
        bool hit = IsAtCannon(_enemyBullets) || IsAtCannon(_aliens);
        if (_moveTimer == 0)
        {
            _moveTimer = Math.Min(Aliens, _movePeriod);
            hit |= MoveAliens() || IsAtCannon(_aliens);
        }

        if (_enemyShotTimer == 0)
        {
            _enemyShotTimer = EnemyShotPeriod;
            (int row, int column) = NearestAlien();
            _enemyBullets[row] |= 1 << column;
        }

        int killed = Kill();
        if (_reloadTimer > 0)
            _reloadTimer--;
        _moveTimer--;
        _enemyShotTimer--;
        if (Aliens == 0)
        {
            if (ramping)
                _movePeriod = Math.Max(LastMovePeriod, _movePeriod - 1);
            BeginWave();
        }

        return new StepResult(killed, hit, false);
    }

    public void Draw(CellPicture picture)
    {
        picture.Set(CannonChannel, Ground, _cannon);
        for (int row = 0; row < Side; row++)
        {
            DrawRow(picture, AlienChannel, row, _aliens[row]);
            DrawRow(picture, _direction < 0 ? LeftChannel : RightChannel, row, _aliens[row]);
            DrawRow(picture, OwnBulletChannel, row, _ownBullets[row]);
            DrawRow(picture, EnemyBulletChannel, row, _enemyBullets[row]);
        }
    }

    public void SaveState(BinaryWriter writer)
    {
        for (int row = 0; row < Side; row++)
            foreach (int cells in (ReadOnlySpan<int>)[_aliens[row], _ownBullets[row], _enemyBullets[row]])
                writer.Write(cells);
        foreach (int number in (ReadOnlySpan<int>)[_cannon, _direction, _movePeriod, _moveTimer, _enemyShotTimer, _reloadTimer])
            writer.Write(number);
    }

    public void LoadState(BinaryReader reader)
    {
        for (int row = 0; row < Side; row++)
        {
            _aliens[row] = reader.ReadInteger(0, AllCells, "a row of aliens");
            _ownBullets[row] = reader.ReadInteger(0, AllCells, "a row of bullets");
            _enemyBullets[row] = reader.ReadInteger(0, AllCells, "a row of the enemy's bullets");
        }

        if (Aliens == 0)
            throw new InvalidDataException("MinAtar state: expected at least one alien, got none.");
        _cannon = reader.ReadInteger(0, Side - 1, "the cannon's column");
        _direction = reader.ReadDirection();
        _movePeriod = reader.ReadInteger(LastMovePeriod, FirstMovePeriod, "a move period");
        _moveTimer = reader.ReadInteger(0, FirstMovePeriod, "a move timer");
        _enemyShotTimer = reader.ReadInteger(0, EnemyShotPeriod, "the enemy's shot timer");
        _reloadTimer = reader.ReadInteger(0, ReloadSteps, "a reload timer");
    }

    private void BeginWave() => _aliens.AsSpan(0, WaveRows).Fill(WaveCells);

    private bool IsAtCannon(int[] rows) => (rows[Ground] & 1 << _cannon) != 0;

    private void MoveBullets()
    {
        Array.Copy(_ownBullets, 1, _ownBullets, 0, Ground);
        _ownBullets[Ground] = 0;
        Array.Copy(_enemyBullets, 0, _enemyBullets, 1, Ground);
        _enemyBullets[0] = 0;
    }

    // Whether they would leave the picture, which ends the episode.
    private bool MoveAliens()
    {
        int occupied = 0;
        foreach (int row in _aliens)
            occupied |= row;
        if ((occupied & (_direction < 0 ? LeftEdge : RightEdge)) == 0)
        {
            foreach (ref int row in _aliens.AsSpan())
                row = _direction < 0 ? row >> 1 : row << 1;
            return false;
        }

        _direction = -_direction;
        int lowest = _aliens[Ground];
        Array.Copy(_aliens, 0, _aliens, 1, Ground);
        _aliens[0] = lowest; // The reference shows them at the top again.
        return lowest != 0;
    }

    // In the column that is nearest to the cannon's, the left one of two, the lowest.
    private (int Row, int Column) NearestAlien()
    {
        for (int distance = 0; distance < Side; distance++)
        {
            foreach (int column in (ReadOnlySpan<int>)[_cannon - distance, _cannon + distance])
                for (int row = Ground; row >= 0 && CellPicture.IsInside(column); row--)
                    if ((_aliens[row] & 1 << column) != 0)
                        return (row, column);
        }

        throw new InvalidOperationException("Expected at least one alien, got none.");
    }

    private int Kill()
    {
        int killed = 0;
        for (int row = 0; row < Side; row++)
        {
            int hits = _aliens[row] & _ownBullets[row];
            killed += BitOperations.PopCount((uint)hits);
            _aliens[row] ^= hits;
            _ownBullets[row] ^= hits;
        }

        return killed;
    }

    private static void DrawRow(CellPicture picture, int channel, int row, int cells)
    {
        for (; cells != 0; cells &= cells - 1)
            picture.Set(channel, row, BitOperations.TrailingZeroCount(cells));
    }
}
