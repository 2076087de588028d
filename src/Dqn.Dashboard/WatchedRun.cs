using System.Collections.Immutable;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>
/// All that the page shows of a run, live or over: written by the thread that trains, or from files; read by those that
/// serve.
/// </summary>
internal sealed class WatchedRun(string folder, DashboardOptions options)
{
    private int _watchers;
    private volatile RunStatus _status = RunStatus.None;
    private volatile EvaluatedTracks? _tracks;
    private volatile string? _ending;

    public string Folder { get; } = Path.GetFullPath(folder);

    public DashboardOptions Options { get; } = options;

    public string Title => Options.Title ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder));

    /// <summary>What the environment is called; null where that is not known.</summary>
    public string? Environment { get; set; }

    /// <summary>What the actions are called.</summary>
    public ImmutableArray<string> Actions { get; set; } = [];

    /// <summary>Pauses, saves and stops it; null for a run that is over.</summary>
    public RunControl? Control { get; set; }

    /// <summary>What it sees and does now; null for a run that is over.</summary>
    public MomentFeed? Moments { get; set; }

    /// <summary>Makes the tables that were added to it; empty for a run that is over.</summary>
    public Func<ImmutableArray<RunTable>> Tables { get; set; } = () => [];

    public SeriesStore Series { get; } = new();

    public RunLog Log { get; } = new();

    public RunStatus Status
    {
        get => _status;
        set => _status = value;
    }

    /// <summary>The last evaluation.</summary>
    public EvaluatedTracks? Tracks
    {
        get => _tracks;
        set => _tracks = value;
    }

    /// <summary>How it ended; null while it goes.</summary>
    public string? Ending
    {
        get => _ending;
        set => _ending = value;
    }

    /// <summary>How many pages are open. All that the thread that trains asks in a step that nothing else happened in.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    public void Enter() => Interlocked.Increment(ref _watchers);

    public void Leave() => Interlocked.Decrement(ref _watchers);
}
