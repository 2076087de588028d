namespace Dqn.Training;

/// <summary>
/// What may be asked of a run while it goes: to stand still, to go on, to save itself, to stop. Safe for any thread. The run
/// attends to it between two steps, after an evaluation in progress; without a wish that costs a comparison a step.
/// </summary>
public sealed class RunControl
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _asks;
    private bool _pause;
    private bool _save;
    private volatile bool _paused;

    internal RunControl()
    {
    }

    /// <summary>Whether the run is to stand still.</summary>
    public bool IsPauseRequested
    {
        get
        {
            lock (_gate)
                return _pause;
        }
    }

    /// <summary>Whether the run stands still.</summary>
    public bool IsPaused => _paused;

    /// <summary>Whether the run is to stop.</summary>
    public bool IsStopRequested => _stop.IsCancellationRequested;

    /// <summary>Whether something has been asked for.</summary>
    internal bool Asks => _asks;

    /// <summary>Cancelled by <see cref="Stop"/>.</summary>
    internal CancellationToken Stopped => _stop.Token;

    /// <summary>Has the run stand still after the step in progress. The time does not count as training's.</summary>
    public void Pause() => Ask(() => _pause = true);

    /// <summary>Has a paused run go on.</summary>
    public void Continue() => Ask(() => _pause = false);

    /// <summary>Has the run save a checkpoint after the step in progress, or now where it stands still.</summary>
    public void Save() => Ask(() => _save = true);

    /// <summary>
    /// Has the run save a checkpoint after the step in progress and end, as cancelling it does; an evaluation in progress
    /// is cut short. It cannot be taken back.
    /// </summary>
    public void Stop()
    {
        _stop.Cancel();
        Wake();
    }

    /// <summary>For the training thread: stands still while that is asked for.</summary>
    /// <returns>Whether a checkpoint is asked for, or the run cancelled.</returns>
    internal bool Attend(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.Register(Wake);
        lock (_gate)
        {
            while (_pause && !_save && !cancellationToken.IsCancellationRequested)
            {
                _paused = true;
                Monitor.Wait(_gate);
            }

            bool save = _save;
            (_paused, _save, _asks) = (_pause && save, false, _pause);
            return save || cancellationToken.IsCancellationRequested;
        }
    }

    private void Ask(Action wish)
    {
        lock (_gate)
        {
            wish();
            _asks = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
