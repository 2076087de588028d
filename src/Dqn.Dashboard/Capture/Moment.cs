using Dqn.Environments;

namespace Dqn.Watching;

/// <summary>What the agent saw before a step, what it thought of its actions, and what it did. Its memory is used again.</summary>
internal sealed class Moment(EnvironmentSpec spec, int atoms)
{
    /// <summary>[<see cref="EnvironmentSpec.ObservationBytes"/>].</summary>
    public byte[] Observation { get; } = new byte[spec.ObservationBytes];

    /// <summary>[actions, atoms], as the network's <see cref="Values.ValueDistribution"/> means them.</summary>
    public float[] Distributions { get; } = new float[spec.ActionCount * atoms];

    /// <summary>[actions].</summary>
    public float[] Values { get; } = new float[spec.ActionCount];

    /// <summary>[actions]: which were legal.</summary>
    public bool[] Legal { get; } = new bool[spec.ActionCount];

    /// <summary>The agent step after which it was seen.</summary>
    public long Step { get; set; }

    /// <summary>The action that followed.</summary>
    public int Action { get; set; }

    /// <summary>What that gave.</summary>
    public double Reward { get; set; }

    /// <summary>The episode's rewards before it, where something counts them; else NaN.</summary>
    public double Return { get; set; }
}
