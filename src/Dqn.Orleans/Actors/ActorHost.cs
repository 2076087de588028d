using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Orleans.Learner;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Actors;

/// <summary>
/// What a silo that acts does: tells the learner about once a second how it stands, and plays the environments that the answer
/// names, with the newest weights. Where the learner does not answer it goes on playing, until what it has lived through is not
/// taken any more, and asks again.
/// </summary>
internal sealed partial class ActorHost : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly Func<IEnvironment> _create;
    private readonly DqnActorOptions _options;
    private readonly DqnActors _actors;
    private readonly ReplayShard _shard;
    private readonly IHostApplicationLifetime _application;
    private readonly ILogger<DqnActors> _logger;
    private readonly ILearnerGrain _learner;
    private readonly SegmentSender _sender;
    private readonly ActorWeights _weights = new();
    private readonly Channel<FinishedSegment> _outbox;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly string _host, _environment;
    private readonly SiloMeter _meter;
    private readonly EnvironmentSpec _spec;
    private ActorGroup? _group;
    private string _agent = "";
    private DqnOptions? _agentOptions;
    private Guid _epoch;
    private long _steps, _newestWeights;
    private ulong _seed;
    private bool _isSilent;
    private Task _working = Task.CompletedTask;

    public ActorHost(
        Func<IEnvironment> create, DqnActorOptions options, DqnActors actors, ReplayShard shard, IGrainFactory grains,
        ILocalSiloDetails silo, IHostApplicationLifetime application, ILogger<DqnActors> logger)
    {
        (_create, _options, _actors, _shard) = (create, options, actors, shard);
        (_application, _logger) = (application, logger);
        using (IEnvironment environment = create())
            (_spec, _environment) = (environment.Spec, environment.Describe().ToJsonString());
        _host = silo.SiloAddress.ToParsableString();
        _learner = grains.GetGrain<ILearnerGrain>(DqnSiloBuilderExtensions.Training);
        _sender = new SegmentSender(_host, _learner, shard, grains, actors, logger) { Permitted = Hear };

        _meter = new SiloMeter(_host, actors, shard, () => Math.Max(0, Interlocked.Read(ref _newestWeights) - (_weights.Newest?.Version ?? 0)));

        // A finished segment of each: enough to go on while one is sent, and no more, since weights grow old meanwhile.
        _outbox = Channel.CreateBounded<FinishedSegment>(options.Environments);
    }

    /// <summary>The version of Dqn, without what a build adds.</summary>
    public static string Version { get; } = typeof(DqnAgent).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(ActorHost), ServiceLifecycleStage.Active, Start, Stop);

    private Task Start(CancellationToken cancellationToken)
    {
        _working = Task.WhenAll(
            Task.Run(WorkAsync, CancellationToken.None),
            Task.Run(() => _sender.RunAsync(_outbox.Reader, _stop.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        _group?.RequestStop();
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _group?.Join();
        _meter.Dispose();
        _actors.Complete();
    }

    private async Task WorkAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Assignment assignment = await _learner.Report(Report());
                _isSilent = false;
                if (!await Apply(assignment))
                    break;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                if (!_isSilent && !_stop.IsCancellationRequested)
                    LogSilent(_logger, exception.Message);
                _isSilent = true;
            }

            await ((Task)_wake.WaitAsync(s_period, _stop.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _group?.RequestStop();
        _actors.Run(0);
        if (_options.StopsApplication && !_stop.IsCancellationRequested)
            _application.StopApplication();
    }

    /// <summary>Does what the learner says.</summary>
    /// <returns>Whether there is more to come.</returns>
    private async Task<bool> Apply(Assignment assignment)
    {
        switch (assignment.Phase)
        {
            case TrainingPhase.Over:
                _actors.Complete();
                return false;
            case TrainingPhase.Refused:
                LogRefused(_logger, assignment.Message);
                _actors.Complete(new DqnMismatchException(assignment.Message));
                return false;
            case TrainingPhase.Failed:
                _actors.Complete(new InvalidOperationException($"The training has failed: {assignment.Message}"));
                return false;
            default:
                break;
        }

        if (assignment.Options.Length > 0)
            Learn(assignment);
        if (_agentOptions is not { } agent)
            return true; // The next answer brings them.
        int capacity = (int)Math.Clamp(agent.BufferCapacity, 1, ReplayShard.MaxCapacity);
        SegmentFormat format = SegmentFormat.Of(_spec, agent.LongestReturn());
        if (_options.KeepsReplay)
            _shard.SetUp(format, agent.Prioritized, Math.Max(capacity, format.MaxPlaces), assignment.ShardCapacity);
        _sender.Shard = assignment.Shard;
        Interlocked.Exchange(ref _steps, assignment.Steps);
        Interlocked.Exchange(ref _newestWeights, assignment.WeightsVersion);
        await Fetch(assignment.Epoch, assignment.WeightsVersion);
        Play([.. assignment.Environments]);
        return true;
    }

    // A new life of the learner, perhaps of another training.
    private void Learn(Assignment assignment)
    {
        if (assignment.Options != _agent)
        {
            _agentOptions = DqnOptions.FromJson(JsonNode.Parse(assignment.Options));
            _agent = assignment.Options;
            _sender.RewardScale = _agentOptions.RewardScale;
            _group?.RequestStop();
        }

        (_epoch, _seed) = (assignment.Epoch, assignment.Seed);
    }

    private async Task Fetch(Guid epoch, long version)
    {
        WeightsMessage? have = _weights.Newest;
        if (have is not null && have.Epoch == epoch && have.Version >= version)
            return;
        if (await _learner.Weights(have?.Epoch ?? default, have?.Version ?? 0) is { } newer)
            _weights.Newest = newer;
    }

    private void Play(ImmutableArray<int> environments)
    {
        if (_group is { Ended: true })
            _group = null;
        if (_group is not null)
        {
            if (!_group.Numbers.SequenceEqual(environments))
                _group.RequestStop();
            return;
        }

        _actors.Run(environments.Length);
        if (environments.IsEmpty || _weights.Newest is null)
            return;
        _group = new ActorGroup(Work(), environments, _spec);
    }

    private ActorWork Work() => new()
    {
        Create = _create,
        Options = _agentOptions!,
        Threads = _options.Threads,
        Seed = _seed,
        Weights = _weights,
        Steps = () => Interlocked.Read(ref _steps),
        Outbox = _outbox.Writer,
        Actors = _actors,
        Logger = _logger,
        Stopping = _stop.Token,
        Wake = Wake,
    };

    // Newer weights are fetched at once, not only with the next heartbeat.
    private void Hear(InsertPermit permit)
    {
        Interlocked.Exchange(ref _steps, permit.Steps);
        Interlocked.Exchange(ref _newestWeights, permit.WeightsVersion);
        if (_weights.Newest is not { } have || have.Epoch != permit.Epoch || have.Version < permit.WeightsVersion)
            Wake();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private HostReport Report()
    {
        (long count, long capacity, long bytes) = _shard.Fill;
        return new HostReport
        {
            Host = _host,
            Share = _options.Environments,
            KeepsReplay = _options.KeepsReplay,
            Leaves = _options.StopsApplication,
            Version = Version,
            Environment = _environment,
            Epoch = _epoch,
            Environments = _group is { Ended: false } group ? [.. group.Numbers] : [],
            WeightsVersion = _weights.Newest?.Version ?? 0,
            Steps = _actors.Steps,
            Finished = _actors.Finished,
            Inserted = _actors.Inserted,
            ShardCount = count,
            ShardCapacity = capacity,
            ShardBytes = bytes,
        };
    }

    [LoggerMessage(EventId = 52, Level = LogLevel.Warning, Message = "The learner does not answer, it is asked again: {Problem}")]
    private static partial void LogSilent(ILogger logger, string problem);

    [LoggerMessage(EventId = 53, Level = LogLevel.Error, Message = "The learner refuses this machine: {Mismatch}")]
    private static partial void LogRefused(ILogger logger, string mismatch);
}
