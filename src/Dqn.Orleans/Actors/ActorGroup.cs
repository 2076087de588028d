using System.Collections.Immutable;
using System.Threading.Channels;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;
using Dqn.Serialization;
using Microsoft.Extensions.Logging;

namespace Dqn.Orleans.Actors;

/// <summary>
/// A silo's environments at work, on a thread of its own: acts in all of them together with a copy of the weights, and turns
/// what they live through into segments. Waits where they are not taken.
/// </summary>
internal sealed partial class ActorGroup
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1), s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly ActorWork _work;
    private readonly ImmutableArray<int> _numbers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly SegmentFormat _format;
    private readonly SegmentWriter[] _writers;
    private EpisodeRecord[] _records = [];
    private WeightsMessage? _weights;

    /// <summary>Starts them.</summary>
    /// <param name="work">For whom, with what.</param>
    /// <param name="numbers">Which of the run's environments.</param>
    /// <param name="spec">Their observations and actions.</param>
    public ActorGroup(ActorWork work, ImmutableArray<int> numbers, EnvironmentSpec spec)
    {
        (_work, _numbers) = (work, numbers);
        _format = SegmentFormat.Of(spec, work.Options.LongestReturn());
        bool prioritized = work.Options.Prioritized is not null;
        long life = Random.Shared.NextInt64();
        _writers = [.. numbers.Select(number => new SegmentWriter(_format, work.Options.Discount, prioritized, number, life))];
        _thread = new Thread(Run) { Name = "Dqn actors", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Which of the run's environments they are.</summary>
    public ImmutableArray<int> Numbers => _numbers;

    /// <summary>Whether they have stopped.</summary>
    public bool Ended { get; private set; }

    /// <summary>Stops them after the step in progress: what they have lived through is sent, as if truncated there.</summary>
    public void RequestStop() => _stop.Cancel();

    /// <summary>Waits until they have stopped.</summary>
    public void Join() => _thread.Join();

    // An environment that fails is made anew, later each time: its simulator may have to come up again.
    private void Run()
    {
        TimeSpan retry = s_retry;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                long before = _work.Actors.Steps;
                try
                {
                    Play();
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    if (_work.Actors.Steps > before)
                        retry = s_retry;
                    LogFailed(_work.Logger, exception, retry);
                    _stop.Token.WaitHandle.WaitOne(retry);
                    retry = retry * 2 < s_longestRetry ? retry * 2 : s_longestRetry;
                }

                foreach (SegmentWriter writer in _writers)
                    writer.Cut();
                Send(_work.Stopping);
            }
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            Ended = true;
            _work.Wake();
        }
    }

    private void Play()
    {
        DqnOptions options = _work.Options;
        using var vector = new VectorEnvironment(
            _numbers.Length, _ => _work.Create(), threads: _work.Threads, ownThreads: _work.Threads > 1);
        using QNetwork network = WaitForNetwork();
        var actor = new DqnActor(network, vector.Spec, options, (ulong)Random.Shared.NextInt64(), _numbers)
        {
            ValuesAll = options.Prioritized is not null,
        };
        _records = [.. vector.Environments.Select(environment => new EpisodeRecord(environment.Find<EpisodeStatistics>()))];
        int count = _numbers.Length;
        var observations = new byte[vector.ObservationBytes];
        var legalActions = new bool[count * _format.MaskedActions];
        var (actions, results, begins) = (new int[count], new StepResult[count], new bool[count]);
        begins.AsSpan().Fill(true);
        ulong? seed = unchecked(_work.Seed + (ulong)Random.Shared.NextInt64());
        while (!_stop.IsCancellationRequested)
        {
            if (begins.AsSpan().Contains(true))
            {
                vector.Reset(begins, seed);
                seed = null;
                vector.Observe(observations);
                if (legalActions.Length > 0)
                    vector.LegalActions(legalActions);
                Begin(actor, begins, observations, legalActions);
            }

            Update(network);
            actor.Act(_work.Steps(), observations, actions, legalActions);
            vector.Step(actions, results, observations);
            if (legalActions.Length > 0)
                vector.LegalActions(legalActions);
            Record(actor, actions, results, observations, legalActions, begins);
            _work.Actors.Stepped(count);
            Send(_stop.Token);
        }
    }

    private void Begin(DqnActor actor, bool[] begins, byte[] observations, bool[] legalActions)
    {
        int bytes = _format.ObservationBytes, masked = _format.MaskedActions;
        for (int i = 0; i < begins.Length; i++)
        {
            if (!begins[i])
                continue;
            _writers[i].Begin(observations.AsSpan(i * bytes, bytes), legalActions.AsSpan(i * masked, masked));
            _records[i].Begin();
            actor.Begin(i);
            begins[i] = false;
        }
    }

    private void Record(
        DqnActor actor, int[] actions, StepResult[] results, byte[] observations, bool[] legalActions, bool[] begins)
    {
        int bytes = _format.ObservationBytes, masked = _format.MaskedActions;
        for (int i = 0; i < actions.Length; i++)
        {
            StepResult result = results[i];
            (float actionValue, float stateValue) = Values(actor, i, actions[i]);
            _writers[i].Add(
                actions[i], (float)(result.Reward * _work.Options.RewardScale), result.Terminated, result.Truncated,
                observations.AsSpan(i * bytes, bytes), legalActions.AsSpan(i * masked, masked), actionValue, stateValue);
            _records[i].Add(result);
            begins[i] = result.Ended;
        }
    }

    // Illegal actions' values would only raise a first priority, which the first update corrects.
    private static (float Action, float State) Values(DqnActor actor, int place, int action)
    {
        if (!actor.ValuesAll)
            return default;
        ReadOnlySpan<float> values = actor.Values;
        int count = values.Length / actor.Environments.Length;
        ReadOnlySpan<float> own = values.Slice(place * count, count);
        float largest = own[0];
        foreach (float value in own)
            largest = Math.Max(largest, value);
        return (own[action], largest);
    }

    private void Send(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _writers.Length; i++)
        {
            _writers[i].WeightsVersion = _weights?.Version ?? 0;
            while (_writers[i].TryTake(out TransitionSegment? segment))
            {
                var finished = new FinishedSegment(segment, _records[i].Take(segment));
                _work.Actors.Finish(segment.Transitions);
                Put(finished, cancellationToken);
            }
        }
    }

    // Once finished it is sent even where the group is to stop; only the silo's end drops it.
    private void Put(FinishedSegment finished, CancellationToken cancellationToken)
    {
        ChannelWriter<FinishedSegment> outbox = _work.Outbox;
        while (!outbox.TryWrite(finished))
        {
            CancellationToken token = cancellationToken.IsCancellationRequested ? _work.Stopping : cancellationToken;
            try
            {
                outbox.WaitToWriteAsync(token).AsTask().GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (!_work.Stopping.IsCancellationRequested)
            {
            }
        }
    }

    private QNetwork WaitForNetwork()
    {
        while ((_weights = _work.Weights.Newest) is null)
        {
            _stop.Token.ThrowIfCancellationRequested();
            _stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
        }

        var options = new NetworkFileOptions { Network = _work.Options.Network with { Threads = _work.Threads } };
        return NetworkFile.Read(new MemoryStream(_weights.File), [], options).Network;
    }

    private void Update(QNetwork network)
    {
        // Another life of the learner counts its versions anew.
        if (_work.Weights.Newest is not { } newest || newest == _weights)
            return;
        network.LoadStateDict(SafeTensorsFile.Read(new MemoryStream(newest.File)));
        _weights = newest;
    }

    [LoggerMessage(
        EventId = 50, Level = LogLevel.Error,
        Message = "The environments have failed; they are made anew in {Retry}")]
    private static partial void LogFailed(ILogger logger, Exception exception, TimeSpan retry);
}
