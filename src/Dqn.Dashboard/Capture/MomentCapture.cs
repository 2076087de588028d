using System.Diagnostics;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>
/// Takes what the agent sees and thinks, and the environment's picture, between two steps on the thread that trains: into
/// memory that is there already, about five times a second, and less often where that took more than 1 % of the time.
/// Of several environments it is the last, which explores least. Nothing that is learnt changes.
/// </summary>
internal sealed class MomentCapture
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(190);

    private readonly ILearner _learner;
    private readonly int _index;
    private readonly IEnvironment _environment;
    private readonly EpisodeStatistics? _statistics;
    private readonly PictureSource? _source;
    private readonly TripleBuffer<Moment> _moments;
    private readonly TripleBuffer<Picture>? _pictures;
    private readonly Pace _momentPace = new(s_shortest, share: 0.005), _picturePace = new(s_shortest, share: 0.005);
    private bool _pending;

    public MomentCapture(TrainingRun run)
    {
        _learner = run.Learner;
        _index = run.Environments.Length - 1;
        _environment = run.Environments[_index];
        _statistics = _environment.Find<EpisodeStatistics>();
        EnvironmentSpec spec = _environment.Spec;
        int atoms = _learner.Network.Distribution.Atoms;
        _moments = new(() => new Moment(spec, atoms));
        _source = PictureSource.Of(_environment);
        _pictures = _source is null ? null : new(() => new Picture(_source.Bytes));
        Feed = new MomentFeed(_moments, _pictures, _source, spec, _learner.Network.Distribution, _learner.RewardScale);
    }

    /// <summary>The other end.</summary>
    public MomentFeed Feed { get; }

    /// <summary>After a step that somebody watches.</summary>
    public void Stepped(in TrainingStep step)
    {
        if (step.Number == 0 || step.Environment != _index)
            return;
        if (_pending)
        {
            (_moments.Back.Action, _moments.Back.Reward) = (step.Action, step.Reward);
            _moments.Publish();
            _pending = false;
        }

        // The next action comes after a reset then.
        if (step.Terminated || step.Truncated)
            return;
        long now = Stopwatch.GetTimestamp();
        if (_momentPace.IsDue(now))
            TakeMoment(step.Number);
        if (_pictures is not null && _picturePace.IsDue(now))
            TakePicture(step.Number);
    }

    // The action that follows from it is known after the next step.
    private void TakeMoment(long step)
    {
        _momentPace.Begin(Stopwatch.GetTimestamp());
        Moment moment = _moments.Back;
        moment.Step = step;
        moment.Return = _statistics?.Return ?? double.NaN;
        _environment.Observe(moment.Observation);
        moment.Legal.AsSpan().Fill(true);
        if (_environment.Spec.HasIllegalActions)
            _environment.LegalActions(moment.Legal);
        _learner.Network.EvaluateDistributions(moment.Observation, moment.Distributions);
        _learner.Network.Distribution.Expectations(moment.Distributions, moment.Values);
        _pending = true;
        _momentPace.End(Stopwatch.GetTimestamp());
    }

    private void TakePicture(long step)
    {
        _picturePace.Begin(Stopwatch.GetTimestamp());
        _source!.Draw(_pictures!.Back.Pixels);
        _pictures.Back.Step = step;
        _pictures.Publish();
        _picturePace.End(Stopwatch.GetTimestamp());
    }
}
