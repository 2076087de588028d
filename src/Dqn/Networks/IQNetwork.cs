using Dqn.Values;

namespace Dqn.Networks;

/// <summary>
/// A network that an agent acts and learns with: a value function (<see cref="IValueFunction"/>), what fits it
/// (<see cref="IValueLearner"/>) and its saved state (<see cref="INetworkState"/>). One engine is <see cref="QNetwork"/>;
/// others are adapters.
/// </summary>
public interface IQNetwork : IValueFunction, IValueLearner, INetworkState
{
    /// <summary>
    /// What the network is made of, for a weights file to say (<see cref="NetworkFile"/>); null where it is no
    /// <see cref="Sequential"/>, and unless implemented.
    /// </summary>
    Sequential? Architecture => null;

    /// <summary>
    /// Makes an independent network of the same architecture with the same parameters: a target network. It has no
    /// noise until it draws its own, from another stream.
    /// </summary>
    IQNetwork Clone();

    /// <inheritdoc/>
    /// <remarks>Unless implemented, it goes through state dicts.</remarks>
    void IValueLearner.MoveParametersTowards(IQNetwork source, float fraction) =>
        SoftUpdate.Apply(source, fraction, this);
}
