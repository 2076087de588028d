using Dqn.Networks;
using Dqn.Serialization;

namespace Dqn.Tests.Agents;

/// <summary>A network that is a table: the observation's last byte is the state. Learns by gradient descent.</summary>
internal sealed class TabularNetwork(int states, int actions, int observationBytes, float learningRate) : IQNetwork
{
    public float[] Table { get; } = new float[states * actions];

    /// <summary>What the last update was given.</summary>
    public float[] LastTargets { get; private set; } = [];

    /// <summary>The observations, actions and weights of the last update.</summary>
    public (byte[] Observations, int[] Actions, float[] Weights) Last { get; private set; }

    public int Fits { get; private set; }

    /// <summary>Whether <see cref="Last"/> is kept.</summary>
    public bool RecordsBatches { get; init; }

    public bool IsDisposed { get; private set; }

    public double LearningRate { get; set; } = learningRate;

    public int ObservationBytes => observationBytes;

    public int ActionCount => actions;

    public bool IsBatchInvariant => true;

    public void Evaluate(ReadOnlySpan<byte> observations, Span<float> values)
    {
        int batch = observations.Length / observationBytes;
        for (int i = 0; i < batch; i++)
            Table.AsSpan(State(observations, i) * actions, actions).CopyTo(values[(i * actions)..]);
    }

    public FitResult Fit(
        ReadOnlySpan<byte> observations, ReadOnlySpan<int> taken, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> tdErrors)
    {
        if (LastTargets.Length != targets.Length)
            LastTargets = new float[targets.Length];
        targets.CopyTo(LastTargets);
        if (RecordsBatches)
            Last = (observations.ToArray(), taken.ToArray(), weights.ToArray());
        Fits++;
        float loss = 0, values = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            float value = Table[State(observations, i) * actions + taken[i]];
            tdErrors[i] = targets[i] - value;
            loss += tdErrors[i] * tdErrors[i] / targets.Length;
            values += value / targets.Length;
        }

        for (int i = 0; i < targets.Length; i++)
            Table[State(observations, i) * actions + taken[i]] += (float)LearningRate * tdErrors[i];
        return new FitResult(loss, values, null);
    }

    public IQNetwork Clone()
    {
        var clone = new TabularNetwork(states, actions, observationBytes, learningRate);
        clone.CopyParametersFrom(this);
        return clone;
    }

    public void CopyParametersFrom(IQNetwork source) => ((TabularNetwork)source).Table.CopyTo(Table, 0);

    public void MoveParametersTowards(IQNetwork source, float fraction)
    {
        float[] goals = ((TabularNetwork)source).Table;
        for (int i = 0; i < Table.Length; i++)
            Table[i] += fraction * (goals[i] - Table[i]);
    }

    public StateDict GetStateDict() => throw new NotSupportedException();

    public void LoadStateDict(StateDict stateDict) => throw new NotSupportedException();

    public void SaveState(BinaryWriter writer)
    {
        foreach (float value in Table)
            writer.Write(value);
    }

    public void LoadState(BinaryReader reader)
    {
        for (int i = 0; i < Table.Length; i++)
            Table[i] = reader.ReadSingle();
    }

    public void Dispose() => IsDisposed = true;

    private int State(ReadOnlySpan<byte> observations, int i) => observations[(i + 1) * observationBytes - 1];
}
