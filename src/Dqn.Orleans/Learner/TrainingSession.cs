using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Identity;
using Dqn.Orleans.Actors;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Dqn.Training;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Learner;

/// <summary>
/// One life of the learner: a <see cref="TrainingRun"/> on a thread of its own, outside the scheduler of grains, and what the
/// machines that act see of it. Safe for concurrent use.
/// </summary>
internal sealed partial class TrainingSession : IDisposable
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly DistributedTraining _training;
    private readonly Func<string, IReplayShard> _connect;
    private readonly ILogger _logger;
    private readonly string _environment, _options;
    private readonly ActorBoard _board;
    private readonly InsertLedger _ledger;
    private readonly HashSet<string> _told = [], _refused = [];
    private readonly CancellationTokenSource _stop = new(), _end;
    private readonly LearnerParts _parts;
    private readonly Thread _thread;
    private readonly Timer _watch;
    private volatile bool _crashed;
    private volatile TrainingPhase _phase;
    private bool _isDisposed;
    private long _asked = TimeProvider.System.GetTimestamp();
    private string _message = "";

    /// <summary>Puts the run together, from its folder's newest checkpoint if there is one, and starts it.</summary>
    /// <param name="training">What is trained.</param>
    /// <param name="connect">Gives the shard of a silo.</param>
    /// <param name="logger">Is told who comes and goes.</param>
    /// <exception cref="IOException">Another process trains in the folder.</exception>
    public TrainingSession(DistributedTraining training, Func<string, IReplayShard> connect, ILogger logger)
    {
        (_training, _connect, _logger) = (training, connect, logger);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _parts = new LearnerParts(training, Epoch, logger, _end.Token);
        FirstStep = _parts.Learner.Steps;
        _board = new ActorBoard(training.Options.Environments, training.Silence, training.Takeover, TimeProvider.System);
        _ledger = new InsertLedger(_parts.Limiter);
        _parts.Run.AddTable(MakeMachinesTable);
        _parts.Run.AddTable(() => ClusterTables.Exchange(_parts, Assigned));
        training.Watch?.Invoke(_parts.Run);
        (_environment, _options) = (_parts.Environment.ToJsonString(), training.Options.ToJson().ToJsonString());
        _watch = new Timer(_ => GiveUpSilent(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _thread = new Thread(Train) { Name = "Dqn learner", IsBackground = true };
        LogStarted(logger, training.Run.Folder, _parts.Run.Steps);
        _thread.Start();
    }

    /// <summary>Which life it is.</summary>
    public Guid Epoch { get; } = Guid.NewGuid();

    /// <summary>The step that it went on from.</summary>
    public long FirstStep { get; }

    /// <summary>How it stands.</summary>
    public TrainingPhase Phase => _phase;

    /// <summary>Whether it has let go of everything, or is about to.</summary>
    public bool IsDisposed => Volatile.Read(ref _isDisposed);

    /// <summary>For how long nobody has asked it how the training stands.</summary>
    public TimeSpan Unasked => TimeProvider.System.GetElapsedTime(Interlocked.Read(ref _asked));

    /// <summary>What ended it; null where nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The learner's parts, to look at.</summary>
    public LearnerParts Parts => _parts;

    /// <summary>Who has inserted how much.</summary>
    public InsertLedger Ledger => _ledger;

    /// <summary>How many environments are played somewhere.</summary>
    public int Assigned
    {
        get
        {
            lock (_gate)
                return _board.Assigned;
        }
    }

    /// <summary>Whether all machines that act have heard that it is over, and those that leave then have left.</summary>
    /// <param name="own">The learner's silo, which goes last.</param>
    public bool IsLeft(string own)
    {
        lock (_gate)
            return _board.Reports.All(report => _told.Contains(report.Host) && (report.Host == own || !report.Leaves));
    }

    /// <summary>What the machines that act have said last.</summary>
    public IReadOnlyList<HostReport> Hosts
    {
        get
        {
            lock (_gate)
                return [.. _board.Reports];
        }
    }

    /// <summary>Takes in a machine's heartbeat.</summary>
    public Assignment Report(HostReport report)
    {
        if (Mismatch(report) is { } mismatch)
            return Refuse(report.Host, mismatch);
        lock (_gate)
        {
            if (_phase == TrainingPhase.Training && _board.Report(report))
            {
                if (report.KeepsReplay)
                    _parts.Replay.Attach(report.Host, _connect(report.Host));
                LogJoined(_logger, report.Host, report.Share);
            }

            int[] environments = _phase == TrainingPhase.Training ? _board.Of(report.Host) : [];
            if (_phase != TrainingPhase.Training)
                _told.Add(report.Host);
            return Standing() with
            {
                Environments = environments,
                Shard = _board.ShardOf(report.Host),
                ShardCapacity = ShardCapacity(_board.Load(report.Host)),
                Options = report.Epoch == Epoch ? "" : _options,
            };
        }
    }

    /// <summary>How the training stands, to whom it does not give work.</summary>
    public Assignment Standing()
    {
        Interlocked.Exchange(ref _asked, TimeProvider.System.GetTimestamp());
        return new Assignment
        {
            Phase = _phase,
            Message = _message,
            Epoch = Epoch,
            Steps = _parts.Learner.Steps,
            WeightsVersion = _parts.Weights.Version,
            Seed = _training.Run.Seed,
        };
    }

    /// <summary>The newest weights, where somebody has not got them.</summary>
    public WeightsMessage? Weights(Guid epoch, long have) => _parts.Weights.NewerThan(epoch, have);

    /// <summary>Waits until transitions may be inserted.</summary>
    public async ValueTask<InsertPermit> ReserveInsertAsync(string host, int transitions)
    {
        bool granted = _phase == TrainingPhase.Training
            && await _ledger.ReserveAsync(host, transitions, s_longestWait, _end.Token).ConfigureAwait(false);
        return new InsertPermit(granted, Epoch, _parts.Learner.Steps, _parts.Weights.Version);
    }

    /// <summary>A shard has taken what was permitted.</summary>
    /// <returns>Whether it counts: false where another life of the learner permitted it.</returns>
    public bool Inserted(SegmentReport report)
    {
        if (report.Epoch != Epoch)
            return false;
        if (_ledger.Insert(report))
            _parts.Loop.Add(report);
        return true;
    }

    /// <summary>The cluster has lost a silo.</summary>
    public void Lose(string host)
    {
        lock (_gate)
        {
            if (!_board.Remove(host))
                return;
        }

        Forget(host);
    }

    /// <summary>Ends the training before its end, and waits until it has.</summary>
    /// <param name="crash">As if the process had died: without a checkpoint.</param>
    public void Stop(bool crash)
    {
        _crashed |= crash;
        if (_crashed)
            _parts.Loop.Abort(); // A run that is cancelled would save a checkpoint.
        else
            _stop.Cancel();
        _end.Cancel();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
    }

    /// <summary>Ends it and lets go of everything, once: whoever forgot it and its grain may both do so.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        Stop(crash: false);
        _end.Dispose();
        _stop.Dispose();
    }

    private RunTable MakeMachinesTable()
    {
        lock (_gate)
            return ClusterTables.Machines(_board.Reports, _board.Pace, _parts.Weights.Version);
    }

    private void Train()
    {
        try
        {
            foreach (TrainingEvent _ in _parts.Run.RunLazily(_stop.Token))
            {
            }

            if (!_stop.IsCancellationRequested)
                _phase = TrainingPhase.Over;
        }
        catch (OperationCanceledException) when (_crashed || _end.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            LogFailed(_logger, exception);
            (Failure, _message) = (exception, exception.Message);
            _phase = TrainingPhase.Failed;
        }
        finally
        {
            _watch.Dispose();
            _end.Cancel(); // Who waits to insert hears how it stands.
            _parts.Dispose();
        }
    }

    private int ShardCapacity(int environments)
    {
        DqnOptions options = _training.Options;
        long share = (options.BufferCapacity * environments + options.Environments - 1) / options.Environments;
        return (int)Math.Clamp(share, _parts.Format.MaxPlaces, ReplayShard.MaxCapacity);
    }

    private string? Mismatch(HostReport report)
    {
        if (report.Version != ActorHost.Version)
        {
            return $"expected version {ActorHost.Version} of Dqn, as the learner has, got {report.Version}. Run the same on " +
                "every machine";
        }

        if (report.Environment == _environment)
            return null;
        string differences = string.Join("; ", Differences.Between(_parts.Environment, JsonNode.Parse(report.Environment)).Take(8));
        return $"expected the learner's environment, but of this one {differences}. Make the same on every machine";
    }

    private Assignment Refuse(string host, string mismatch)
    {
        lock (_gate)
        {
            if (_refused.Add(host))
                LogRefused(_logger, host, mismatch);
        }

        return Standing() with { Phase = TrainingPhase.Refused, Message = $"{host}: {mismatch}." };
    }

    private void GiveUpSilent()
    {
        IReadOnlyList<string> silent;
        lock (_gate)
            silent = _board.RemoveSilent();
        foreach (string host in silent)
            Forget(host);
    }

    private void Forget(string host)
    {
        if (_phase != TrainingPhase.Training)
            return; // It has left, as it should.
        _parts.Replay.Detach(host);
        _ledger.Forget(host);
        LogLost(_logger, host);
    }

    [LoggerMessage(EventId = 40, Level = LogLevel.Information, Message = "Learning in {Folder} from step {Step}")]
    private static partial void LogStarted(ILogger logger, string folder, long step);

    [LoggerMessage(EventId = 41, Level = LogLevel.Information, Message = "{Host} joined with {Share} environments")]
    private static partial void LogJoined(ILogger logger, string host, int share);

    [LoggerMessage(
        EventId = 42, Level = LogLevel.Warning,
        Message = "{Host} is lost: its environments start elsewhere, the transitions in its memory are gone")]
    private static partial void LogLost(ILogger logger, string host);

    [LoggerMessage(EventId = 43, Level = LogLevel.Error, Message = "{Host} was refused: {Mismatch}")]
    private static partial void LogRefused(ILogger logger, string host, string mismatch);

    [LoggerMessage(EventId = 44, Level = LogLevel.Error, Message = "The training has failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
