using System.Collections.Immutable;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

/// <summary>
/// A transparent task: each observation is filled with the frame's number plus an offset drawn at reset, each reward is
/// another negative power of two, and calls are counted. Conforms; the tests of the conformance check break it in
/// subclasses.
/// </summary>
internal class CountingEnvironment(
    int framesPerEpisode = int.MaxValue, ImmutableArray<int>? shape = null, int offsets = 1) : IEnvironment
{
    protected Pcg64 Random { get; } = new();

    protected bool Started { get; set; }

    protected bool Ended { get; set; }

    protected byte Offset { get; set; }

    public int Frame { get; protected set; }

    public int Observed { get; private set; }

    public List<int> Actions { get; } = [];

    public List<ulong?> Resets { get; } = [];

    public bool Disposed { get; private set; }

    public virtual EnvironmentSpec Spec { get; } = new()
    {
        Name = "Counting",
        ObservationShape = shape ?? [3],
        ElementType = ElementType.Byte,
        ActionCount = 3,
    };

    public virtual bool CanSaveState => true;

    public virtual void Reset(ulong? seed = null)
    {
        Resets.Add(seed);
        if (seed is { } value)
            Random.Seed(value);
        Offset = (byte)Random.Integer(offsets);
        (Frame, Started, Ended) = (0, true, false);
    }

    public virtual StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        if (!Started || Ended)
            throw new InvalidOperationException("Counting: call Reset before Step.");
        return Advance(action);
    }

    public virtual void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        if (!Started)
            throw new InvalidOperationException("Counting: call Reset before Observe.");
        Observed++;
        observation.Fill((byte)(Frame + Offset));
    }

    public virtual void SaveState(BinaryWriter writer)
    {
        Random.SaveState(writer);
        writer.Write(Frame);
        writer.Write(Offset);
        writer.Write(Started);
        writer.Write(Ended);
    }

    public virtual void LoadState(BinaryReader reader)
    {
        Random.LoadState(reader);
        Frame = reader.ReadInt32();
        Offset = reader.ReadByte();
        Started = reader.ReadBoolean();
        Ended = reader.ReadBoolean();
    }

    public void Dispose() => Disposed = true;

    protected StepResult Advance(int action)
    {
        Actions.Add(action);
        Frame++;
        Ended = Frame >= framesPerEpisode;
        return new StepResult(Math.Pow(2, -Frame), Ended, false);
    }
}
