using Dqn.CarRacing;
using Dqn.Randomness;

namespace Dqn.Tests.CarRacing;

/// <summary>Drives in ways that reach what the physics has: full throttle, braking, joint limits, rest.</summary>
internal sealed class RandomDriver(ulong seed)
{
    private readonly Pcg64 _random = new(seed);
    private double _steer, _gas, _brake;
    private int _hold;

    public void Act(Car car)
    {
        if (_hold-- == 0)
        {
            _hold = 1 + _random.Integer(40);
            int manner = _random.Integer(6);
            _steer = manner switch { 0 => -0.6, 1 => 0.6, 2 or 3 => _random.Uniform(-1, 1), _ => 0 };
            _gas = manner switch { 2 => 1, 3 => _random.NextDouble(), 4 => 0.2, _ => 0 };
            _brake = manner == 5 && _random.Integer(2) == 0 ? _random.NextDouble() : 0;
            if (manner == 5 && _brake == 0)
                _hold = 80;
        }

        car.Steer(_steer);
        car.Gas(_gas);
        car.Brake(_brake);
    }
}
