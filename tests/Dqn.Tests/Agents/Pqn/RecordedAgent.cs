using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Networks;
using Dqn.Replay;

namespace Dqn.Tests.Agents.Pqn;

/// <summary>A step as the environment showed it.</summary>
internal sealed record RecordedStep(
    byte[] Observation, int Action, double Reward, bool Terminated, bool Truncated, byte[] NextObservation,
    bool[] NextLegalActions);

/// <summary>An agent, and what it was told since it last learnt, whole observations: by environment.</summary>
internal sealed class RecordedAgent(PqnAgent inner) : IAgent
{
    private readonly byte[][] _current = new byte[inner.Options.Environments][];

    public List<RecordedStep>[] Steps { get; } =
        [.. Enumerable.Range(0, inner.Options.Environments).Select(_ => new List<RecordedStep>())];

    /// <summary>Is told each time the agent has learnt, before <see cref="Steps"/> is emptied.</summary>
    public Action<LearnResult>? Learnt { get; init; }

    public int Environments => inner.Environments;

    public IQNetwork Network => inner.Network;

    public IQNetwork EvaluationNetwork => inner.EvaluationNetwork;

    public long Updates => inner.Updates;

    public double Epsilon => inner.Epsilon;

    long ILearner.Steps => inner.Steps;

    long ILearner.WarmupSteps => 0;

    double ILearner.RewardScale => 1;

    IReplayState? ILearner.Memory => null;

    public void Begin(ReadOnlySpan<byte> observation, int environment = 0, ReadOnlySpan<bool> legalActions = default)
    {
        inner.Begin(observation, environment, legalActions);
        _current[environment] = observation.ToArray();
    }

    public void Act(ReadOnlySpan<byte> observations, Span<int> actions, ReadOnlySpan<bool> legalActions = default) =>
        inner.Act(observations, actions, legalActions);

    public LearnResult? RecordAndLearn(
        int action, double reward, bool terminated, bool truncated, ReadOnlySpan<byte> nextObservation,
        int environment = 0, ReadOnlySpan<bool> nextLegalActions = default)
    {
        Steps[environment].Add(new RecordedStep(
            _current[environment], action, reward, terminated, truncated, nextObservation.ToArray(),
            nextLegalActions.ToArray()));
        _current[environment] = nextObservation.ToArray();
        LearnResult? learnt = inner.RecordAndLearn(
            action, reward, terminated, truncated, nextObservation, environment, nextLegalActions);
        if (learnt is { } result)
        {
            Learnt?.Invoke(result);
            foreach (List<RecordedStep> steps in Steps)
                steps.Clear();
        }

        return learnt;
    }

    public JsonObject Describe() => ((ILearner)inner).Describe();

    public void SaveState(BinaryWriter writer) => inner.SaveState(writer);

    public void LoadState(BinaryReader reader) => inner.LoadState(reader);

    public void Dispose() => inner.Dispose();
}
