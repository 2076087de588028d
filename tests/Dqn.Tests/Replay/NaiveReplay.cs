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

    /// <summary>
    /// The transition with its return over n steps in the place of its reward, what the value of the observation then
    /// counts, and that observation as the next one. Numbers have a gap where an episode ends.
    /// </summary>
    public (Transition Transition, double Discount, int Steps) Return(long id, int steps, double discount)
    {
        Transition first = _transitions.Single(t => t.Id == id), last = first;
        double sum = first.Reward;
        int taken = 1;
        while (taken < steps && !last.Terminated && _transitions.Find(t => t.Id == id + taken) is { } following)
        {
            last = following;
            sum += Math.Pow(discount, taken) * last.Reward;
            taken++;
        }

        Transition result = first with
        {
            Reward = (float)sum,
            Terminated = last.Terminated,
            NextObservation = last.NextObservation,
        };
        return (result, last.Terminated ? 0 : Math.Pow(discount, taken), taken);
    }

    // Kept are the transitions that begin at one of the last `capacity` frames before the newest.
    private void Forget() => _transitions.RemoveAll(t => t.Id < _frames - 1 - capacity);

    public sealed record Transition(
        long Id, byte[] Observation, int Action, float Reward, bool Terminated, byte[] NextObservation);
}
