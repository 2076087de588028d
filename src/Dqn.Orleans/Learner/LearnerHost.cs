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
    DistributedTraining training, IGrainFactory grains, ISiloStatusOracle silos, ILocalSiloDetails silo,
    IHostApplicationLifetime application, ILogger<DistributedTraining> logger) : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1), s_patience = TimeSpan.FromSeconds(20);

    private const int Forgotten = 3; // Times the silence after which a machine is taken for dead.

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private volatile TrainingSession? _session;
    private Task _seeing = Task.CompletedTask;
    private long? _over;
    private bool _stopped;

    /// <summary>The learner's life here; null where it is elsewhere.</summary>
    public TrainingSession? Session => _session;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(LearnerHost), ServiceLifecycleStage.Active, Start, Stop);

    /// <summary>
    /// Begins the learner's life here; one that has begun goes on, since an activation that took too long is made again.
    /// </summary>
    /// <exception cref="IOException">Another process trains in the folder; it may be about to end.</exception>
    public TrainingSession Begin()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            try
            {
                return _session ??= new TrainingSession(
                    training, host => new RemoteShard(grains.GetGrain<IReplayShardGrain>(host)), logger);
            }
            catch (Exception exception) when (exception is not IOException)
            {
                // It fails the same way wherever it is tried.
                if (!training.Completion.IsCompleted)
                    LogNotBegun(logger, exception.Message);
                training.Complete(exception);
                throw;
            }
        }
    }

    /// <summary>Ends it.</summary>
    public void End(TrainingSession? session)
    {
        lock (_gate)
        {
            if (_session == session)
                _session = null;
        }

        session?.Dispose();
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
        _seeing = Task.WhenAll(
            Task.Run(SeeToIt, CancellationToken.None), Task.Run(EndForgotten, CancellationToken.None));
        return Task.CompletedTask;
    }

    // With a token that is cancelled already the silo is to go down at once, as if it had died.
    private async Task Stop(CancellationToken cancellationToken)
    {
        bool crash = cancellationToken.IsCancellationRequested;
        if (!crash && _session is { Phase: not TrainingPhase.Training } over)
            await WaitUntilLeft(over, cancellationToken);
        silos.UnSubscribeFromSiloStatusEvents(this);
        await _stop.CancelAsync();
        TrainingSession? session;
        lock (_gate)
            (_stopped, session) = (true, _session);
        if (session is not null)
            await Task.Run(() => session.Stop(crash), CancellationToken.None);
        await _seeing;
        training.Complete();
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

    // An activation that took too long is made again, perhaps on a silo that has joined meanwhile, which waits for this life to
    // leave the folder. Nobody asks it any more then, not even this silo, which asks whichever learner the cluster has.
    private async Task EndForgotten()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_session is { Phase: TrainingPhase.Training } session && session.Unasked > Forgotten * training.Silence)
            {
                LogForgotten(logger, training.Run.Folder, session.Unasked.TotalSeconds);
                End(session);
            }

            await Task.Delay(s_period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(
        EventId = 48, Level = LogLevel.Warning,
        Message = "Nobody has asked the learner in {Folder} for {Seconds:0} s: it ends here with a checkpoint, and another goes on from that")]
    private static partial void LogForgotten(ILogger logger, string folder, double seconds);

    [LoggerMessage(EventId = 47, Level = LogLevel.Error, Message = "The training cannot begin: {Problem}")]
    private static partial void LogNotBegun(ILogger logger, string problem);

    [LoggerMessage(EventId = 46, Level = LogLevel.Debug, Message = "The learner could not be asked: {Problem}")]
    private static partial void LogUnasked(ILogger logger, string problem);

    private async Task Finish()
    {
        if (_session is not { } session)
        {
            training.Complete();
            return;
        }

        await WaitUntilLeft(session, _stop.Token);
        training.Complete(session.Failure);
    }

    // The learner goes last, but does not wait for ever: the others ask it whether it is over, and leave by a table of members
    // that may be in this silo's memory.
    private async Task WaitUntilLeft(TrainingSession session, CancellationToken cancellationToken)
    {
        string own = silo.SiloAddress.ToParsableString();
        long start;
        lock (_gate)
            start = _over ??= TimeProvider.System.GetTimestamp();
        while (!session.IsLeft(own) && TimeProvider.System.GetElapsedTime(start) < s_patience && !cancellationToken.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
    }
}
