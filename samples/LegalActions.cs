#:project ../src/Dqn/Dqn.csproj
// A board game with illegal moves: they are never taken, explored or counted in a target. dotnet run samples/LegalActions.cs
using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;
using Dqn.Training;
EnvironmentConformance.Check(() => new TicTacToe());
using var game = new TicTacToe();
DqnOptions options = Trainer.OptionsFor(game.Spec, 40_000) with { NStep = 1 }; // What comes later is another player's chance.
using (DqnAgent agent = Trainer.Train(game, steps: 40_000, options))
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, game))
    learnt.Save("tic-tac-toe.safetensors");
using var policy = GreedyPolicy.Load("tic-tac-toe.safetensors");
EvaluationResult result = new Evaluator(game, new EvaluationOptions { Episodes = 1_000 }).Evaluate(policy.Act);
int won = result.Episodes.Count(episode => episode.Return > 0), lost = result.Episodes.Count(episode => episode.Return < 0);
Console.WriteLine($"1000 games against a random player: {won} won, {1000 - won - lost} drawn, {lost} lost, no illegal move");
return lost <= 50 ? 0 : 1;

internal sealed class TicTacToe : IEnvironment // The opponent plays at random and begins every other game or so.
{
    private static readonly int[] s_lines = [7, 56, 448, 73, 146, 292, 273, 84];
    private readonly Pcg64 _random = new();
    private int _mine, _theirs; // A bit for each square.
    private bool _begun, _over = true;
    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "TicTacToe", ObservationShape = [18], ElementType = ElementType.Single, ActionCount = 9, HasIllegalActions = true,
    };

    public void LegalActions(Span<bool> legalActions)
    {
        for (int square = 0; square < 9; square++)
            legalActions[square] = IsFree(square);
    }

    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        (_mine, _theirs, _begun, _over) = (0, _random.Integer(2) << _random.Integer(9), true, false);
    }

    public StepResult Step(int action) // 1 for a game won, −1 for one lost.
    {
        Spec.ThrowIfNotAnAction(action);
        if (_over || !IsFree(action))
            throw new InvalidOperationException($"Square {action} is taken, or the game is over.");
        _mine |= 1 << action;
        bool won = IsLine(_mine);
        int[] free = [.. Enumerable.Range(0, 9).Where(IsFree)];
        if (!won && free.Length > 0)
            _theirs |= 1 << free[_random.Integer(free.Length)];
        _over = won || free.Length <= 1 || IsLine(_theirs);
        return new StepResult(won ? 1 : IsLine(_theirs) ? -1 : 0, Terminated: _over, Truncated: false);
    }

    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Span<float> squares = MemoryMarshal.Cast<byte, float>(observation);
        for (int square = 0; square < 9; square++)
            (squares[square], squares[square + 9]) = (_mine >> square & 1, _theirs >> square & 1);
        if (!_begun)
            throw new InvalidOperationException("Call Reset before Observe.");
    }
    public void Dispose() { }
    private bool IsFree(int square) => ((_mine | _theirs) >> square & 1) == 0;
    private static bool IsLine(int squares) => Array.Exists(s_lines, line => (squares & line) == line);
}
