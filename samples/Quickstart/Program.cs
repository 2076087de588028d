// Your own environment and an agent that learns it, in a page.
//
//     dotnet run -c Release --project samples/Quickstart
//
// Catch: a ball falls down a 7 × 10 board, the paddle on the bottom row moves left, stays or moves right.
using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Randomness;

var options = new DqnOptions
{
    Network = new QNetworkOptions { Optimizer = new AdamOptions { LearningRate = 1e-3 } },
    Epsilon = new EpsilonSchedule(start: 1, end: 0.05, decaySteps: 4_000),
    WarmupSteps = 500,
    BufferCapacity = 10_000,
    TargetUpdatePeriod = 500,
};

using var environment = new Catch();
using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
var observation = new byte[environment.Spec.ObservationBytes];
double caught = 0;
int episodes = 0;

environment.Reset(seed: 1);
environment.Observe(observation);
agent.Begin(observation);
while (agent.Steps < 10_000)
{
    int action = agent.Act(observation);
    StepResult result = environment.Step(action);
    environment.Observe(observation);
    agent.Observe(action, result.Reward, result.Terminated, result.Truncated, observation);
    if (!result.Ended)
        continue;

    caught += result.Reward > 0 ? 1 : 0;
    if (++episodes % 100 == 0)
    {
        Console.WriteLine($"episode {episodes,5}  step {agent.Steps,6}  epsilon {agent.Epsilon:0.00}  caught {caught:0} of the last 100");
        caught = 0;
    }

    environment.Reset();
    environment.Observe(observation);
    agent.Begin(observation);
}

int greedy = 0;
for (int episode = 0; episode < 100; episode++)
{
    StepResult result = default;
    for (environment.Reset(); !result.Ended;)
    {
        environment.Observe(observation);
        result = environment.Step(agent.ActGreedy(observation));
    }

    greedy += result.Reward > 0 ? 1 : 0;
}

Console.WriteLine($"without exploration it catches {greedy} of 100");
return greedy >= 95 ? 0 : 1;

/// <summary>The board as 70 floats: 1 where the ball or the paddle is. Reward 1 for a catch, −1 for a miss.</summary>
internal sealed class Catch : IEnvironment
{
    private const int Width = 7, Height = 10;
    private readonly Pcg64 _random = new();
    private int _ballX, _ballY, _paddle;
    private bool _running;

    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "Catch",
        ObservationShape = [Width * Height],
        ElementType = ElementType.Single,
        ActionCount = 3,
    };

    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        (_ballX, _ballY, _paddle, _running) = (_random.Integer(Width), 0, Width / 2, true);
    }

    public StepResult Step(int action)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(action);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(action, 2);
        if (!_running)
            throw new InvalidOperationException("Call Reset before Step.");
        _paddle = Math.Clamp(_paddle + action - 1, 0, Width - 1);
        _running = ++_ballY < Height - 1;
        return new StepResult(_running ? 0 : _ballX == _paddle ? 1 : -1, Terminated: !_running, Truncated: false);
    }

    public void Observe(Span<byte> observation)
    {
        Span<float> board = MemoryMarshal.Cast<byte, float>(observation);
        board.Clear();
        board[_ballY * Width + _ballX] = 1;
        board[(Height - 1) * Width + _paddle] = 1;
    }

    public void Dispose()
    {
    }
}
