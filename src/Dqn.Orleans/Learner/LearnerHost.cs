using Dqn.Orleans.Messages;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Learner;

/// <summary>
/// What a silo that may learn does: sees to it that the learner runs somewhere, here if it is this silo's turn, and ends with
/// the training.
/// </summary>
internal sealed partial class LearnerHost(
    DistributedTraining training, IGrainFactory grains, ISiloStatusOracle silos, IHostApplicationLifetime application,
    ILogger<DistributedTraining> logger) : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1), s_patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private volatile TrainingSession? _session;
    private Task _seeing = Task.CompletedTask;
    private bool _stopped;

    /// <summary>The learner's life here; null where it is elsewhere.</summary>
    public TrainingSession? Session => _session;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(LearnerHost), ServiceLifecycleStage.Active, Start, Stop);

    /// <summary>Begins the learner's life here.</summary>
    /// <exception cref="IOException">Another process trains in the folder; it may be about to end.</exception>
    public TrainingSession Begin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            try
            {
                return _session = new TrainingSession(
                    training, host => new RemoteShard(grains.GetGrain<IReplayShardGrain>(host)), logger);
            }
            catch (Exception exception) when (exception is not IOException)
            {
                // It fails the same way wherever it is tried.
                training.Complete(exception);
                throw;
            }
        }
    }

    /// <summary>Ends it.</summary>
    public void End(TrainingSession? session)
    {
        session?.Dispose();
        if (_session == session)
            _session = null;
    }

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
            _session?.Lose(updatedSilo.ToParsableString());
    }

    private Task Start(CancellationToken cancellationToken)
    {
        silos.SubscribeToSiloStatusEvents(this);
        _seeing = Task.Run(SeeToIt, CancellationToken.None);
        return Task.CompletedTask;
    }

    // With a token that is cancelled already the silo is to go down at once, as if it had died.
    private async Task Stop(CancellationToken cancellationToken)
    {
        silos.UnSubscribeFromSiloStatusEvents(this);
        await _stop.CancelAsync();
        bool crash = cancellationToken.IsCancellationRequested;
        TrainingSession? session;
        lock (_gate)
            (_stopped, session) = (true, _session);
        if (session is not null)
            await Task.Run(() => session.Stop(crash), CancellationToken.None);
        await _seeing;
    }

    private async Task SeeToIt()
    {
        ILearnerGrain learner = grains.GetGrain<ILearnerGrain>(DqnSiloBuilderExtensions.Training);
        while (!_stop.IsCancellationRequested && !training.Completion.IsCompleted)
        {
            try
            {
                Assignment standing = await learner.Phase();
                if (standing.Phase is TrainingPhase.Over or TrainingPhase.Failed)
                    await Finish();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogUnasked(logger, exception.Message);
            }

            await Task.Delay(s_period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (training.StopsApplication && training.Completion.IsCompleted)
            application.StopApplication();
    }

    [LoggerMessage(EventId = 46, Level = LogLevel.Debug, Message = "The learner could not be asked: {Problem}")]
    private static partial void LogUnasked(ILogger logger, string problem);

    // The machines that act are told before the learner goes, but not for ever.
    private async Task Finish()
    {
        if (_session is not { } session)
        {
            training.Complete();
            return;
        }

        long start = TimeProvider.System.GetTimestamp();
        while (!session.AllTold && TimeProvider.System.GetElapsedTime(start) < s_patience && !_stop.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
        training.Complete(session.Failure);
    }
}
