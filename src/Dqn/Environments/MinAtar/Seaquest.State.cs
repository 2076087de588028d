namespace Dqn.Environments;

// Where everything is, to a stream and back.
internal sealed partial class Seaquest
{
    // More swimmers of a kind than a game ever has.
    private const int MaxSwimmers = 1000;

    public void SaveState(BinaryWriter writer)
    {
        foreach (List<Swimmer> swimmers in (ReadOnlySpan<List<Swimmer>>)[_fish, _submarines, _divers, _ownBullets, _enemyBullets])
        {
            writer.Write(swimmers.Count);
            foreach (Swimmer swimmer in swimmers)
            {
                writer.Write(swimmer.X);
                writer.Write(swimmer.Y);
                writer.Write(swimmer.MovesRight);
                writer.Write(swimmer.MoveTimer);
                writer.Write(swimmer.ShotTimer);
            }
        }

        foreach (int number in (ReadOnlySpan<int>)
            [_x, _y, _oxygen, _onBoard, _ramps, _enemyPeriod, _enemyTimer, _diverTimer, _moveSteps, _reloadTimer])
            writer.Write(number);
        writer.Write(_facesRight);
        writer.Write(_isSurfaced);
    }

    public void LoadState(BinaryReader reader)
    {
        foreach (List<Swimmer> swimmers in (ReadOnlySpan<List<Swimmer>>)[_fish, _submarines, _divers, _ownBullets, _enemyBullets])
        {
            swimmers.Clear();
            int count = reader.ReadInteger(0, MaxSwimmers, "a number of swimmers");
            for (int i = 0; i < count; i++)
            {
                swimmers.Add(new Swimmer(
                    reader.ReadInteger(0, LastColumn, "a column"), reader.ReadInteger(0, Rows, "a row"), reader.ReadBoolean(),
                    reader.ReadInteger(0, FirstMoveSteps, "a move timer"), reader.ReadInteger(0, EnemyShotSteps, "a shot timer")));
            }
        }

        _x = reader.ReadInteger(0, LastColumn, "the submarine's column");
        _y = reader.ReadInteger(0, Rows, "the submarine's row");
        _oxygen = reader.ReadInteger(-1, MaxOxygen, "oxygen");
        _onBoard = reader.ReadInteger(int.MinValue, MaxDivers, "divers on board");
        _ramps = reader.ReadInteger(0, FirstEnemyPeriod, "a ramp");
        _enemyPeriod = reader.ReadInteger(1, FirstEnemyPeriod, "a period of enemies");
        _enemyTimer = reader.ReadInteger(0, FirstEnemyPeriod, "a timer of enemies");
        _diverTimer = reader.ReadInteger(0, DiverPeriod, "a timer of divers");
        _moveSteps = reader.ReadInteger(LeastMoveSteps, FirstMoveSteps, "a move period");
        _reloadTimer = reader.ReadInteger(0, ReloadSteps, "a reload timer");
        (_facesRight, _isSurfaced) = (reader.ReadBoolean(), reader.ReadBoolean());
    }
}
