#:project ../src/Dqn/Dqn.csproj
// A game of one's own in colour, [64, 48, 3] bytes as most renderers give them, made trainable by one wrapper call.
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Training;

using IEnvironment game = new Catch().WithPixels(height: 40, width: 30, grey: false, stack: 1);
using DqnAgent agent = Trainer.Train(game, steps: 15_000, conformance: () => new Catch()); // First checks the Catch.
using var policy = new GreedyPolicy(agent.EvaluationNetwork, game);
policy.Save("catch.safetensors");
double mean = new Evaluator(game, new EvaluationOptions { Episodes = 100 }).Evaluate(policy.Act).Mean;
Console.WriteLine($"mean return over 100 balls: {mean:0.00} of 1");
return mean >= 0.9 ? 0 : 1;

/// <summary>A ball falls: green ones are to be caught, red ones to be let by. Left, stay, right.</summary>
internal sealed class Catch : IEnvironment
{
    private const int Rows = 8, Columns = 6, Cell = 8;
    private readonly Pcg64 _random = new();
    private EpisodePhase _phase; // Its checks throw where a call is out of order.
    private int _row, _column, _paddle;
    private bool _green;

    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "Catch", ObservationShape = [Rows * Cell, Columns * Cell, 3], ElementType = ElementType.Byte, ActionCount = 3,
    };

    public void Reset(ulong? seed = null)
    {
        if (seed is { } value) _random.Seed(value);
        (_row, _column, _paddle, _green) = (0, _random.Integer(Columns), _random.Integer(Columns), _random.Integer(2) == 0);
        _phase = EpisodePhase.Running;
    }
    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        _phase.ThrowIfNotRunning(Spec);
        _paddle = Math.Clamp(_paddle + action - 1, 0, Columns - 1);
        if (++_row < Rows - 1) return new StepResult(0, Terminated: false, Truncated: false);
        _phase = EpisodePhase.Ended;
        return new StepResult(_paddle == _column == _green ? 1 : -1, Terminated: true, Truncated: false);
    }
    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        _phase.ThrowIfNew(Spec, nameof(Observe));
        observation.Clear();
        Paint(observation, _row, _column, _green ? 1 : 0);
        Paint(observation, Rows - 1, _paddle, 2);
    }
    public void Dispose() { }
    private static void Paint(Span<byte> picture, int row, int column, int colour)
    {
        for (int y = row * Cell; y < (row + 1) * Cell; y++)
            for (int x = column * Cell; x < (column + 1) * Cell; x++)
                picture[(y * Columns * Cell + x) * 3 + colour] = 255;
    }
}
