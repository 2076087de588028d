using System.Diagnostics.Metrics;

namespace Dqn.Benchmarks;

/// <summary>What Orleans says that this process has written to sockets and read from them, headers included.</summary>
internal sealed class SocketBytes : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _sent, _received;

    public SocketBytes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is Sent or Received)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, bytes, _, _) => Count(instrument, bytes));
        _listener.SetMeasurementEventCallback<long>((instrument, bytes, _, _) => Count(instrument, bytes));
        _listener.Start();
    }

    /// <summary>Both together.</summary>
    public long Total => Interlocked.Read(ref _sent) + Interlocked.Read(ref _received);

    public void Dispose() => _listener.Dispose();

    private const string Sent = "orleans-messaging-sent-messages-size", Received = "orleans-messaging-received-messages-size";

    private void Count(Instrument instrument, long bytes) =>
        Interlocked.Add(ref instrument.Name == Sent ? ref _sent : ref _received, bytes);
}
