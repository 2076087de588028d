using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Dqn.Orleans.Learner;

/// <summary>For the grain that only silos with a <see cref="DistributedTraining"/> can run.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class LearnerPlacementAttribute() : PlacementAttribute(new LearnerPlacement());

/// <summary>On a silo that says that it can learn.</summary>
[Serializable]
internal sealed class LearnerPlacement : PlacementStrategy
{
    /// <summary>What such a silo has in its metadata.</summary>
    public const string Key = "dqn.learner";
}

/// <summary>Chooses the first such silo by its address, so that all choose the same.</summary>
/// <param name="metadata">What silos say of themselves.</param>
internal sealed class LearnerPlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress? chosen = context.GetCompatibleSilos(target)
            .Where(silo => metadata.GetSiloMetadata(silo).Metadata.ContainsKey(LearnerPlacement.Key))
            .Min();
        return chosen is not null
            ? Task.FromResult(chosen)
            : throw new OrleansException(
                $"Expected a silo in the cluster that can learn, got none: give one a {nameof(DistributedTraining)} with " +
                $"{nameof(DqnSiloBuilderExtensions.AddDqnLearner)}.");
    }
}
