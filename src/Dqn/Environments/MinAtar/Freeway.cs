using System.Collections.Immutable;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// Freeway: a car in each of eight lanes, which moves every 2nd to 6th step, either way, and comes back on the other side. The
/// chicken, in column 4, moves every 3rd step at most. Each crossing draws new speeds.
/// </summary>
internal sealed class Freeway : IMinAtarRules
{
    private const int ChickenChannel = 0, CarChannel = 1, FirstSpeedChannel = 2;
    private const int Column = 4, Start = CellPicture.Side - 1, FirstLane = 1, Lanes = 8;
    private const int Slowest = 5, StepsPerMove = 3, LastStep = 2500;

    private readonly Car[] _cars = new Car[Lanes];
    private int _row, _moveTimer, _stepsLeft;

    public int Channels => FirstSpeedChannel + Slowest;

    public ImmutableArray<MinAtarMove> MinimalMoves { get; } = [MinAtarMove.None, MinAtarMove.Up, MinAtarMove.Down];

    public void Reset(Pcg64 random)
    {
        Array.Clear(_cars);
        DrawSpeeds(random);
        (_row, _moveTimer, _stepsLeft) = (Start, StepsPerMove, LastStep);
    }

    public StepResult Step(MinAtarMove move, Pcg64 random)
    {
        int reward = 0;
        if (move is MinAtarMove.Up or MinAtarMove.Down && _moveTimer == 0)
        {
            _moveTimer = StepsPerMove;
            _row = Math.Clamp(_row + (move == MinAtarMove.Up ? -1 : 1), 0, Start);
        }

        if (_row == 0)
        {
            reward = 1;
            DrawSpeeds(random);
            _row = Start;
        }

        for (int i = 0; i < Lanes; i++)
        {
            SendBackIfHit(i);
            ref Car car = ref _cars[i];
            if (car.Timer > 0)
            {
                car.Timer--;
                continue;
            }

            car.Timer = car.Period;
            car.X = Wrapped(car.X + car.Direction);
            SendBackIfHit(i);
        }

        if (_moveTimer > 0)
            _moveTimer--;
        _stepsLeft--;
        return new StepResult(reward, _stepsLeft < 0, false);
    }

    public void Draw(CellPicture picture)
    {
        picture.Set(ChickenChannel, _row, Column);
        for (int i = 0; i < Lanes; i++)
        {
            Car car = _cars[i];
            picture.Set(CarChannel, FirstLane + i, car.X);
            picture.Set(FirstSpeedChannel + car.Period - 1, FirstLane + i, Wrapped(car.X - car.Direction));
        }
    }

    public void SaveState(BinaryWriter writer)
    {
        foreach (Car car in _cars)
            foreach (int number in (ReadOnlySpan<int>)[car.X, car.Timer, car.Period, car.Direction])
                writer.Write(number);
        foreach (int number in (ReadOnlySpan<int>)[_row, _moveTimer, _stepsLeft])
            writer.Write(number);
    }

    public void LoadState(BinaryReader reader)
    {
        foreach (ref Car car in _cars.AsSpan())
        {
            car.X = reader.ReadInteger(0, CellPicture.Side - 1, "a car's column");
            car.Timer = reader.ReadInteger(0, Slowest, "a car's timer");
            car.Period = reader.ReadInteger(1, Slowest, "a car's period");
            car.Direction = reader.ReadDirection();
        }

        _row = reader.ReadInteger(0, Start, "the chicken's row");
        _moveTimer = reader.ReadInteger(0, StepsPerMove, "the chicken's timer");
        _stepsLeft = reader.ReadInteger(-1, LastStep, "steps left");
    }

    // All periods first, then all directions; where the cars are stays.
    private void DrawSpeeds(Pcg64 random)
    {
        foreach (ref Car car in _cars.AsSpan())
            car.Timer = car.Period = 1 + random.Integer(Slowest);
        foreach (ref Car car in _cars.AsSpan())
            car.Direction = random.NextDouble() < 0.5 ? -1 : 1;
    }

    private void SendBackIfHit(int lane)
    {
        if (_row == FirstLane + lane && _cars[lane].X == Column)
            _row = Start;
    }

    private static int Wrapped(int x) => (x + CellPicture.Side) % CellPicture.Side;

    private struct Car
    {
        public int X;
        public int Timer;
        public int Period; // steps between two moves
        public int Direction;
    }
}
