using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Seaquest: every 20th step an enemy comes from a side, every 30th a diver; each surfacing makes enemies more frequent and,
/// every second time, faster. Six divers are the most; surfacing takes one, or all six for a reward by what oxygen is left.
/// </summary>
internal sealed partial class Seaquest(bool ramping) : IMinAtarRules
{
    private const int FrontChannel = 0, BackChannel = 1, OwnBulletChannel = 2, TrailChannel = 3, EnemyBulletChannel = 4, FishChannel = 5,
        SubmarineChannel = 6, OxygenChannel = 7, DiversOnBoardChannel = 8, DiverChannel = 9;

    private const int LastColumn = CellPicture.Side - 1, Gauge = CellPicture.Side - 1, FirstRow = 1, Rows = 8;
    private const int MaxOxygen = 200, MaxDivers = 6, ReloadSteps = 5, EnemyShotSteps = 10, DiverMoveSteps = 5, DiverPeriod = 30;
    private const int FirstEnemyPeriod = 20, FirstMoveSteps = 5, LeastMoveSteps = 2;

    // More of a kind there never are; beyond, a list only grows.
    private const int Usual = 32;

    // The oldest first.
    private readonly List<Swimmer> _fish = new(Usual), _submarines = new(Usual), _divers = new(Usual);
    private readonly List<Swimmer> _ownBullets = new(Usual), _enemyBullets = new(Usual);
    private int _x, _y, _oxygen, _onBoard, _ramps;
    private int _enemyPeriod, _enemyTimer, _diverTimer, _moveSteps, _reloadTimer;
    private bool _facesRight, _isSurfaced;

    public int Channels => 10;

    public ImmutableArray<MinAtarMove> MinimalMoves { get; } = [.. Enum.GetValues<MinAtarMove>()];

    public void Reset(Pcg64 random)
    {
        foreach (List<Swimmer> swimmers in (ReadOnlySpan<List<Swimmer>>)[_fish, _submarines, _divers, _ownBullets, _enemyBullets])
            swimmers.Clear();
        (_x, _y, _facesRight, _isSurfaced) = (5, 0, false, true);
        (_oxygen, _onBoard, _ramps) = (MaxOxygen, 0, 0);
        (_enemyPeriod, _moveSteps) = (FirstEnemyPeriod, FirstMoveSteps);
        (_enemyTimer, _diverTimer, _reloadTimer) = (FirstEnemyPeriod, DiverPeriod, 0);
    }

    public StepResult Step(MinAtarMove move, Pcg64 random)
    {
        Spawn(random);
        Steer(move);
        int reward = MoveOwnBullets();
        MoveDivers();
        bool hit = MoveEnemies(_submarines, shoot: true, ref reward);
        hit |= MoveEnemyBullets();
        hit |= MoveEnemies(_fish, shoot: false, ref reward);

        _enemyTimer = Math.Max(0, _enemyTimer - 1);
        _diverTimer = Math.Max(0, _diverTimer - 1);
        _reloadTimer = Math.Max(0, _reloadTimer - 1);
        bool drowned = _oxygen <= 0;
        if (_y > 0)
        {
            _oxygen--;
            _isSurfaced = false;
        }
        else if (!_isSurfaced)
        {
            if (_onBoard == 0)
                drowned = true;
            else
                reward += Surface();
        }

        return new StepResult(reward, hit || drowned, false);
    }

    public void Draw(CellPicture picture)
    {
        picture.Set(FrontChannel, _y, _x);
        picture.SetIfInside(BackChannel, _y, _facesRight ? _x - 1 : _x + 1);
        for (int i = 0; i < Math.Max(0, _oxygen) * CellPicture.Side / MaxOxygen; i++)
            picture.Set(OxygenChannel, Gauge, i);
        for (int i = 0; i < _onBoard; i++)
            picture.Set(DiversOnBoardChannel, Gauge, LastColumn - 1 - i);
        foreach (Swimmer bullet in _ownBullets)
            picture.Set(OwnBulletChannel, bullet.Y, bullet.X);
        foreach (Swimmer bullet in _enemyBullets)
            picture.Set(EnemyBulletChannel, bullet.Y, bullet.X);
        DrawWithTrails(picture, FishChannel, _fish);
        DrawWithTrails(picture, SubmarineChannel, _submarines);
        DrawWithTrails(picture, DiverChannel, _divers);
    }

    private static void DrawWithTrails(CellPicture picture, int channel, List<Swimmer> swimmers)
    {
        foreach (Swimmer swimmer in swimmers)
        {
            picture.Set(channel, swimmer.Y, swimmer.X);
            picture.SetIfInside(TrailChannel, swimmer.Y, swimmer.TrailX);
        }
    }

    private void Spawn(Pcg64 random)
    {
        if (_enemyTimer == 0)
        {
            SpawnEnemy(random);
            _enemyTimer = _enemyPeriod;
        }

        if (_diverTimer == 0)
        {
            bool movesRight = random.NextDouble() < 0.5;
            _divers.Add(new Swimmer(Side(movesRight), FirstRow + random.Integer(Rows), movesRight, DiverMoveSteps));
            _diverTimer = DiverPeriod;
        }
    }

    // None comes into a row where another swims the other way.
    private void SpawnEnemy(Pcg64 random)
    {
        bool movesRight = random.NextDouble() < 0.5, isSubmarine = random.NextDouble() < 1.0 / 3;
        int y = FirstRow + random.Integer(Rows);
        if (IsOncoming(_submarines) || IsOncoming(_fish))
            return;
        (isSubmarine ? _submarines : _fish).Add(new Swimmer(Side(movesRight), y, movesRight, _moveSteps, EnemyShotSteps));

        bool IsOncoming(List<Swimmer> enemies)
        {
            foreach (Swimmer enemy in enemies)
                if (enemy.Y == y && enemy.MovesRight != movesRight)
                    return true;
            return false;
        }
    }

    private static int Side(bool movesRight) => movesRight ? 0 : LastColumn;

    private void Steer(MinAtarMove move)
    {
        switch (move)
        {
            case MinAtarMove.Fire when _reloadTimer == 0:
                _ownBullets.Add(new Swimmer(_x, _y, _facesRight));
                _reloadTimer = ReloadSteps;
                break;
            case MinAtarMove.Left:
                (_x, _facesRight) = (Math.Max(0, _x - 1), false);
                break;
            case MinAtarMove.Right:
                (_x, _facesRight) = (Math.Min(LastColumn, _x + 1), true);
                break;
            case MinAtarMove.Up:
                _y = Math.Max(0, _y - 1);
                break;
            case MinAtarMove.Down:
                _y = Math.Min(Rows, _y + 1);
                break;
        }
    }

    private int MoveOwnBullets()
    {
        int hits = 0;
        for (int i = _ownBullets.Count - 1; i >= 0; i--)
        {
            Swimmer bullet = _ownBullets[i] = _ownBullets[i].Moved;
            if (!bullet.IsInside)
            {
                _ownBullets.RemoveAt(i);
            }
            else if (RemoveFirstAt(bullet, _fish) || RemoveFirstAt(bullet, _submarines))
            {
                _ownBullets.RemoveAt(i);
                hits++;
            }
        }

        return hits;
    }

    private void MoveDivers()
    {
        for (int i = _divers.Count - 1; i >= 0; i--)
        {
            Swimmer diver = _divers[i];
            if (TakeOnBoard(diver, i))
                continue;
            if (diver.MoveTimer > 0)
            {
                _divers[i] = diver with { MoveTimer = diver.MoveTimer - 1 };
                continue;
            }

            diver = _divers[i] = diver.Moved with { MoveTimer = DiverMoveSteps };
            if (!diver.IsInside)
                _divers.RemoveAt(i);
            else
                TakeOnBoard(diver, i);
        }
    }

    private bool TakeOnBoard(Swimmer diver, int index)
    {
        if (_onBoard >= MaxDivers || !diver.IsAt(_x, _y))
            return false;
        _divers.RemoveAt(index);
        _onBoard++;
        return true;
    }

    // Fish, or submarines, which shoot also on the step on which they go. Whether one is where the own submarine is.
    private bool MoveEnemies(List<Swimmer> enemies, bool shoot, ref int reward)
    {
        bool hit = false;
        for (int i = enemies.Count - 1; i >= 0; i--)
        {
            Swimmer enemy = enemies[i];
            bool gone = false;
            hit |= enemy.IsAt(_x, _y);
            if (enemy.MoveTimer > 0)
            {
                enemy = enemy with { MoveTimer = enemy.MoveTimer - 1 };
            }
            else
            {
                enemy = enemy.Moved with { MoveTimer = _moveSteps };
                if (!enemy.IsInside)
                {
                    gone = true;
                }
                else if (enemy.IsAt(_x, _y))
                {
                    hit = true;
                }
                else if (RemoveFirstAt(enemy, _ownBullets))
                {
                    gone = true;
                    reward++;
                }
            }

            if (shoot && enemy.ShotTimer == 0)
                _enemyBullets.Add(new Swimmer(enemy.X, enemy.Y, enemy.MovesRight));
            enemy = enemy with { ShotTimer = enemy.ShotTimer == 0 ? EnemyShotSteps : enemy.ShotTimer - 1 };
            if (gone)
                enemies.RemoveAt(i);
            else
                enemies[i] = enemy;
        }

        return hit;
    }

    private bool MoveEnemyBullets()
    {
        bool hit = false;
        for (int i = _enemyBullets.Count - 1; i >= 0; i--)
        {
            hit |= _enemyBullets[i].IsAt(_x, _y);
            Swimmer bullet = _enemyBullets[i] = _enemyBullets[i].Moved;
            if (bullet.IsInside)
                hit |= bullet.IsAt(_x, _y);
            else
                _enemyBullets.RemoveAt(i);
        }

        return hit;
    }

    private static bool RemoveFirstAt(Swimmer place, List<Swimmer> swimmers)
    {
        for (int i = 0; i < swimmers.Count; i++)
        {
            if (!swimmers[i].IsAt(place))
                continue;
            swimmers.RemoveAt(i);
            return true;
        }

        return false;
    }

    // After six divers −1 are on board, and surfacing goes on below that: the reference counts so, and learners meet it.
    private int Surface()
    {
        _isSurfaced = true;
        int reward = 0;
        if (_onBoard == MaxDivers)
        {
            _onBoard = 0;
            reward = _oxygen * CellPicture.Side / MaxOxygen;
        }

        _oxygen = MaxOxygen;
        _onBoard--;
        if (ramping && (_enemyPeriod > 1 || _moveSteps > LeastMoveSteps))
        {
            if (_moveSteps > LeastMoveSteps && _ramps % 2 == 1)
                _moveSteps--;
            if (_enemyPeriod > 1)
                _enemyPeriod--;
            _ramps++;
        }

        return reward;
    }
}
