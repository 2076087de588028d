using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Dqn.Orleans.Shards;

/// <summary>For grains whose key is the address of the silo that they belong to.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class SiloPlacementAttribute() : PlacementAttribute(new SiloPlacement());

/// <summary>On the silo that the key names, and on no other.</summary>
[Serializable]
internal sealed class SiloPlacement : PlacementStrategy;

/// <summary>Finds that silo.</summary>
internal sealed class SiloPlacementDirector : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string key = target.GrainIdentity.Key.ToString()!;
        SiloAddress? named = context.GetCompatibleSilos(target).FirstOrDefault(silo => silo.ToParsableString() == key);
        return named is not null
            ? Task.FromResult(named)
            : throw new SiloUnavailableException($"Expected the silo {key} in the cluster: it has left or died.");
    }
}
