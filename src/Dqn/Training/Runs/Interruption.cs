using System.Runtime.InteropServices;

namespace Dqn.Training;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP, which a closed terminal sends, as a cancellation: what runs saves itself and ends. A second
/// one ends the process at once.
/// </summary>
/// <example><code>
/// using var interruption = new Interruption();
/// run.Run(interruption.Token);
/// </code></example>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens until it is disposed.</summary>
    public Interruption() => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, Handle)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}
