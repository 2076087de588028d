using Dqn.Agents;

namespace Dqn.Benchmarks.Gpu;

/// <summary>What a table's rows measure, on an agent and a batch of noise.</summary>
internal sealed class Operations(DqnAgent agent, int batch)
{
    private readonly byte[] _observations = NoiseAgent.Observations(batch);
    private readonly float[] _values = new float[batch * NoiseAgent.Actions];
    private readonly int[] _actions = [.. Enumerable.Range(0, batch).Select(item => item % NoiseAgent.Actions)];
    private readonly float[] _targets = [.. Enumerable.Range(0, batch).Select(item => item % 7 / 7f)];

    public void Evaluate() => agent.Network.Evaluate(_observations, _values);

    public void Fit() => agent.Network.Fit(_observations, _actions, _targets, [], []);

    public void Learn() => agent.Learn();
}
