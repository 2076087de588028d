using Dqn.Environments;
using Dqn.Orleans.Messages;
using Dqn.Orleans.Replay;

namespace Dqn.Orleans.Actors;

/// <summary>
/// Counts an environment's episodes, and says which ended in a segment: segments have each transition once, in order.
/// </summary>
/// <param name="statistics">What knows the rewards before wrappers changed them; null: they are counted here.</param>
internal sealed class EpisodeRecord(EpisodeStatistics? statistics)
{
    private readonly Queue<(long Ordinal, EndedEpisode Episode)> _ended = [];
    private long _added, _taken;
    private double _return;
    private int _steps;

    /// <summary>An episode begins.</summary>
    public void Begin() => (_return, _steps) = (0, 0);

    /// <summary>A transition has been added to the writer.</summary>
    public void Add(in StepResult result)
    {
        _return += result.Reward;
        _steps++;
        if (result.Ended)
        {
            _ended.Enqueue((_added, new EndedEpisode(
                0, statistics?.Return ?? _return, _steps, statistics?.Frames ?? _steps, result.Terminated, result.Truncated)));
        }

        _added++;
    }

    /// <summary>A segment has been taken from the writer.</summary>
    public EndedEpisode[] Take(TransitionSegment segment)
    {
        long first = _taken;
        _taken += segment.Transitions;
        int count = _ended.TakeWhile(ended => ended.Ordinal < _taken).Count();
        var episodes = new EndedEpisode[count];
        for (int i = 0; i < count; i++)
        {
            (long ordinal, EndedEpisode episode) = _ended.Dequeue();
            episodes[i] = episode with { Place = (int)(ordinal - first) };
        }

        return episodes;
    }
}
