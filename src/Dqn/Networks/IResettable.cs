namespace Dqn.Networks;

/// <summary>A network that can forget a part of what it learnt: <see cref="Agents.ResetOptions"/>.</summary>
/// <example><code>
/// if (agent.Network is IResettable network)
///     network.ShrinkAndPerturb(keep: 0.5, keepHead: 0, seed: 7); // the head begins anew
/// </code></example>
public interface IResettable : IQNetwork
{
    /// <summary>
    /// Makes each parameter θ k · θ + (1 − k) · θ′, θ′ drawn as in a new network; the optimizer's memory and its count of
    /// steps begin anew.
    /// </summary>
    /// <param name="keep">k, 0 … 1, of the layers that see images: those before the features.</param>
    /// <param name="keepHead">k, 0 … 1, of all other layers.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    void ShrinkAndPerturb(double keep, double keepHead, ulong seed);
}
