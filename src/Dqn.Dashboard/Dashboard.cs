using Dqn.Environments;
using Dqn.Watching;

namespace Dqn.Training;

/// <summary>
/// A page to watch a run in a browser: what the agent sees, what it thinks of its actions, how it learns; and to pause, save
/// and stop it. It listens at loopback unless told otherwise. While no page is open it costs a comparison a step.
/// </summary>
/// <example><code>
/// using var dashboard = Dashboard.Start(run);
/// Console.WriteLine(dashboard.Url);
/// run.Run();
/// </code></example>
public sealed class Dashboard : IDisposable
{
    private readonly WatchedRun _run;
    private readonly DashboardServer _server;

    private Dashboard(WatchedRun run) => (_run, _server) = (run, new DashboardServer(run));

    /// <summary>Where to look: to be opened in a browser. With the token where one is needed, so keep it to yourself then.</summary>
    public Uri Url => _server.Url;

    /// <summary>
    /// Watches a run that is about to train. The run stays the caller's. What fails in the dashboard later ends the
    /// watching, never the run.
    /// </summary>
    /// <param name="run">The run; call this before it runs.</param>
    /// <param name="options">Where to listen; null for a free port at loopback.</param>
    /// <exception cref="IOException">It cannot listen there: the message names the port and the cure.</exception>
    /// <exception cref="ArgumentException">Another number of action names than actions.</exception>
    public static Dashboard Start(TrainingRun run, DashboardOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        options ??= new DashboardOptions();
        EnvironmentSpec spec = run.Spec;
        if (!options.ActionNames.IsDefaultOrEmpty && options.ActionNames.Length != spec.ActionCount)
        {
            throw new ArgumentException(
                $"Expected {spec.ActionCount} names of actions, as {spec.Name} has, got {options.ActionNames.Length}.",
                nameof(options));
        }

        var watched = new WatchedRun(run.Options.Folder, options)
        {
            Environment = spec.Name,
            Actions = options.ActionNames.IsDefaultOrEmpty
                ? [.. Enumerable.Range(0, spec.ActionCount).Select(action => $"action {action}")] : options.ActionNames,
        };
        var dashboard = new Dashboard(watched);
        try
        {
            _ = new LiveRun(run, watched);
            return dashboard;
        }
        catch
        {
            dashboard.Dispose();
            throw;
        }
    }

    /// <summary>Shows a run that is over.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="options">Where to listen; null for a free port at loopback.</param>
    /// <exception cref="IOException">
    /// There is no such folder or no <c>history.csv</c> in it; or it cannot listen there: the message names the cure.
    /// </exception>
    /// <exception cref="InvalidDataException">Its <c>history.csv</c> is damaged.</exception>
    public static Dashboard Open(string folder, DashboardOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new Dashboard(FinishedRun.Read(folder, options ?? new DashboardOptions()));
    }

    /// <summary>Adds a line to the page's log.</summary>
    public void Log(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _run.Log.Add(text);
    }

    /// <summary>Tells the pages that nothing more comes, which stay as they are, and stops listening.</summary>
    public void Dispose() => _server.Dispose();
}
