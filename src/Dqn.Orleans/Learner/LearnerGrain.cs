using Dqn.Orleans.Messages;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Dqn.Orleans.Learner;

/// <summary>The one learner of the cluster: begins a <see cref="TrainingSession"/> where it is activated.</summary>
/// <param name="host">What this silo can learn.</param>
[LearnerPlacement, Reentrant, Immovable, CollectionAgeLimit(AlwaysActive = true)]
internal sealed class LearnerGrain(LearnerHost host) : Grain, ILearnerGrain
{
    private TrainingSession _session = null!;

    // An ended life answers nobody: the next call makes another activation, which begins another life.
    private TrainingSession Session
    {
        get
        {
            if (!_session.IsDisposed)
                return _session;
            DeactivateOnIdle();
            throw new InvalidOperationException("The learner's life here has ended; the next call begins another.");
        }
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken) =>
        _session = await Task.Run(host.Begin, cancellationToken);

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.Run(() => host.End(_session), CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask<Assignment> Report(HostReport report) => ValueTask.FromResult(Session.Report(report));

    /// <inheritdoc/>
    public ValueTask<WeightsMessage?> Weights(Guid epoch, long have) => ValueTask.FromResult(Session.Weights(epoch, have));

    /// <inheritdoc/>
    public ValueTask<InsertPermit> ReserveInsert(string host, int transitions) =>
        Session.ReserveInsertAsync(host, transitions);

    /// <inheritdoc/>
    public ValueTask<bool> Inserted(SegmentReport report) => ValueTask.FromResult(Session.Inserted(report));

    /// <inheritdoc/>
    public ValueTask<Assignment> Phase() => ValueTask.FromResult(Session.Standing());
}
