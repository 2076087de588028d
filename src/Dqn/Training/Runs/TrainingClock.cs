using System.Diagnostics;

namespace Dqn.Training;

/// <summary>How long a run has trained; it stands still while the run evaluates or saves.</summary>
internal sealed class TrainingClock
{
    private readonly Stopwatch _watch = new();
    private TimeSpan _before;

    public TimeSpan Elapsed => _before + _watch.Elapsed;

    public void Start() => _watch.Start();

    public void Stop() => _watch.Stop();

    public void SaveState(BinaryWriter writer) => writer.Write(Elapsed.Ticks);

    public void LoadState(BinaryReader reader)
    {
        var elapsed = TimeSpan.FromTicks(reader.ReadInt64());
        if (elapsed < TimeSpan.Zero)
            throw new InvalidDataException($"Training time: expected at least 0, got {elapsed}.");
        _before = elapsed;
    }
}
