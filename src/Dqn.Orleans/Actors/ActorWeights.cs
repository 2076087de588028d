using Dqn.Orleans.Messages;

namespace Dqn.Orleans.Actors;

/// <summary>The newest weights that a silo has fetched, for all its actors.</summary>
internal sealed class ActorWeights
{
    private volatile WeightsMessage? _newest;

    /// <summary>The newest; null: none yet.</summary>
    public WeightsMessage? Newest
    {
        get => _newest;
        set => _newest = value;
    }
}
