using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests;

/// <summary>Sells, keeps or buys 10 kWh an hour at a price that swings through the day.</summary>
internal sealed class Battery : IEnvironment
{
    private readonly Pcg64 _random = new();
    private EpisodePhase _phase; // its checks throw where calls come out of order
    private float _charge, _price, _hour;

    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "Battery",
        ObservationShape = [3],
        ElementType = ElementType.Single,
        ActionCount = 3,
    };

    public void Reset(ulong? seed = null) // the same seed and actions, the same episode
    {
        if (seed is { } value)
            _random.Seed(value);
        (_charge, _hour, _phase) = (50, 0, EpisodePhase.Running);
        _price = NextPrice();
    }

    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        float before = _charge;
        _charge = Math.Clamp(_charge + (action - 1) * 10, 0, 100);
        float earned = (before - _charge) * _price;
        _hour++;
        _price = NextPrice();
        bool over = _hour == 72; // cut off, not at an end: the values of what would follow still count
        if (over)
            _phase = EpisodePhase.Ended;
        return new StepResult(earned, Terminated: false, Truncated: over);
    }

    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        Span<float> features = MemoryMarshal.Cast<byte, float>(observation);
        (features[0], features[1], features[2]) = (_charge, _price, _hour % 24);
    }

    public void Dispose()
    {
    }

    private float NextPrice() => (float)(0.2 + 0.1 * Math.Sin(_hour * Math.Tau / 24) + _random.Uniform(-0.02, 0.02));
}
