using System.Text;

namespace Dqn.Training;

/// <summary>
/// Shows a training run at the console: a panel that renews itself in a terminal, a line every ten seconds in a file or a
/// pipe. What cannot be written, because the terminal is gone or the disk is full, ends the display and not the training.
/// </summary>
/// <example><code>
/// using var interruption = new Interruption();
/// new TrainingDisplay(run, "my task · Ctrl-C saves and ends").Run(interruption.Token);
/// </code></example>
public sealed class TrainingDisplay : IProgress<EvaluationProgress>
{
    private readonly TrainingRun _run;
    private readonly string _title;
    private readonly TextWriter _writer;
    private readonly Func<int>? _width;
    private TimeSpan _next;
    private int _panelHeight;
    private bool _broken;

    /// <summary>Shows a run, which stays the caller's.</summary>
    /// <param name="run">The run.</param>
    /// <param name="title">The panel's first line.</param>
    public TrainingDisplay(TrainingRun run, string title)
        : this(run, title, Console.Out, IsTerminal ? () => Console.WindowWidth : null)
    {
    }

    /// <summary>Shows a run in a terminal of so many columns, or as lines where <paramref name="width"/> is null.</summary>
    internal TrainingDisplay(TrainingRun run, string title, TextWriter writer, Func<int>? width)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(title);
        (_run, _title, _writer, _width) = (run, title, writer, width);
        Status = new TrainingStatus(run);
    }

    /// <summary>What is shown.</summary>
    public TrainingStatus Status { get; }

    private TimeSpan Interval => TimeSpan.FromSeconds(_width is null ? 10 : 0.25);

    private static bool IsTerminal =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb" &&
        (!OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null);

    /// <summary>Trains and shows how it goes; see <see cref="TrainingRun.Run"/>.</summary>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <param name="onEvent">Is told what happened, after each agent step; null for nobody.</param>
    /// <inheritdoc cref="TrainingRun.Run" path="/exception"/>
    public void Run(CancellationToken cancellationToken = default, Action<TrainingEvent>? onEvent = null)
    {
        if (_width is not null)
            Show();
        _next = Status.Elapsed + Interval;
        foreach (TrainingEvent happened in _run.RunLazily(cancellationToken))
        {
            Status.Add(happened);
            Status.Evaluating = null;
            onEvent?.Invoke(happened);
            if (Status.Elapsed < _next && happened.Evaluation is null)
                continue;
            _next = Status.Elapsed + Interval;
            Show();
            if (_width is null && happened.Evaluation is { } evaluation)
                WriteLine(StatusText.Evaluation(Status, evaluation));
        }

        Show();
        _panelHeight = 0; // It stays, and what is written from now on comes below it.
    }

    /// <summary>
    /// Shows how far an evaluation has come, in a panel; a log has a line of its result. For
    /// <see cref="Evaluator.Progress"/>.
    /// </summary>
    public void Report(EvaluationProgress value)
    {
        Status.Evaluating = (value.Ended, value.Episodes);
        if (_width is null || Status.Elapsed < _next)
            return;
        _next = Status.Elapsed + Interval;
        Show();
    }

    /// <summary>Writes a line, above the panel where there is one.</summary>
    public void WriteLine(string text) => Write(ErasePanel() + text + Environment.NewLine);

    private void Show()
    {
        if (_width is null)
        {
            WriteLine(StatusText.Line(Status));
            return;
        }

        // A column is left free: a full line wraps in some terminals.
        string[] lines = StatusText.Panel(Status, _title, Math.Max(20, _width() - 1));
        var text = new StringBuilder(_panelHeight == 0 ? "" : $"\e[{_panelHeight}A\r");
        foreach (string line in lines)
            text.Append(line).Append("\e[K\r\n");
        _panelHeight = lines.Length;
        Write(text.ToString());
    }

    // Back to the panel's first line; from there on everything is cleared.
    private string ErasePanel()
    {
        string erase = _panelHeight == 0 ? "" : $"\e[{_panelHeight}A\r\e[J";
        _panelHeight = 0;
        return erase;
    }

    private void Write(string text)
    {
        if (_broken)
            return;
        try
        {
            _writer.Write(text);
            _writer.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _broken = true;
        }
    }
}
