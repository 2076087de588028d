namespace Dqn.Tests.Replay;

/// <summary>The replay buffer's plain twin: every transition an object with both whole observations.</summary>
internal sealed class NaiveReplay(long capacity)
{
    private readonly List<Transition> _transitions = [];
    private long _frames;
    private bool _open;
    private bool _began;

    public IReadOnlyList<Transition> Transitions => _transitions;

    public void Begin()
    {
        // A beginning that nothing followed is replaced by the next one.
        if (!(_open && _began))
            _frames++;
        (_open, _began) = (true, true);
        Forget();
    }

    public void Add(byte[] observation, int action, float reward, bool terminated, bool truncated, byte[] next)
    {
        _transitions.Add(new Transition(_frames - 1, observation, action, reward, terminated, next));
        _frames++;
        (_open, _began) = (!terminated && !truncated, false);
        Forget();
    }

    // Kept are the transitions that begin at one of the last `capacity` frames before the newest.
    private void Forget() => _transitions.RemoveAll(t => t.Id < _frames - 1 - capacity);

    public sealed record Transition(
        long Id, byte[] Observation, int Action, float Reward, bool Terminated, byte[] NextObservation);
}
