#:project ../src/Dqn/Dqn.csproj
// Eight features of very different ranges, normalised by what is measured once; it travels with the model file.
using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Training;

using IEnvironment furnace = new Furnace().WithNormalization(Normalization.Measure(new Furnace()));
using (DqnAgent agent = Trainer.Train(furnace, steps: 20_000, conformance: () => new Furnace())) // First checks the Furnace.
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, furnace)) learnt.Save("furnace.safetensors");
using var policy = GreedyPolicy.Load("furnace.safetensors");
double mean = new Evaluator(policy.Wrap(new Furnace()), new EvaluationOptions { Episodes = 20 }).Evaluate(policy.Act).Mean;
Console.WriteLine($"the loaded policy keeps the furnace within 10 K for {mean:0.0} of 100 seconds");
return mean >= 70 ? 0 : 1;

internal sealed class Furnace : IEnvironment // Power down, as it is, or up, to reach a temperature and keep it.
{
    private readonly Pcg64 _random = new();
    private EpisodePhase _phase; // Its checks throw where a call is out of order.
    private float _temperature, _rate, _wanted, _outside, _power, _second;
    public EnvironmentSpec Spec { get; } = new()
    { Name = "Furnace", ObservationShape = [8], ElementType = ElementType.Single, ActionCount = 3 };
    public void Reset(ulong? seed = null)
    {
        if (seed is { } value) _random.Seed(value);
        (_temperature, _wanted) = ((float)_random.Uniform(900, 1100), (float)_random.Uniform(950, 1050));
        (_outside, _rate, _power, _second, _phase) = ((float)_random.Uniform(270, 310), 0, 20_000, 0, EpisodePhase.Running);
    }
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action); _phase.ThrowIfNotRunning(Spec);
        _power = Math.Clamp(_power + (action - 1) * 5_000, 0, 50_000);
        _rate = _power / 5_000 - (_temperature - _outside) / 200;
        if (++_second >= 100) _phase = EpisodePhase.Ended;
        return new StepResult(Math.Abs((_temperature += _rate) - _wanted) < 10 ? 1 : 0, false, _phase == EpisodePhase.Ended);
    }
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation); _phase.ThrowIfNew(Spec, nameof(Observe));
        MemoryMarshal.AsBytes<float>( // K, K/s, K, K, W, Pa, m³/s, s
            [_temperature, _rate, _wanted, _outside, _power, 101 * _temperature, _power * 1e-9f, _second]).CopyTo(observation);
    }
    public void Dispose() { }
}
