using System.Runtime.InteropServices;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

/// <summary>
/// Two players take 1 … 4 from a heap in turn, never as many as the other just took unless it is 1; who takes the last wins. The
/// other plays at random. Illegal moves throw, so whoever plays this to its end has made none.
/// </summary>
internal class TakeAway : IEnvironment
{
    private readonly Pcg64 _random = new();
    private bool _begun, _over;

    public virtual EnvironmentSpec Spec { get; } = new()
    {
        Name = "TakeAway",
        ObservationShape = [2],
        ElementType = ElementType.Single,
        ActionCount = 4,
        HasIllegalActions = true,
    };

    public int Heap { get; private set; }

    public int Last { get; private set; }

    public int Games { get; private set; }

    public bool CanSaveState => true;

    public virtual void LegalActions(Span<bool> legalActions)
    {
        for (int action = 0; action < 4; action++)
            legalActions[action] = IsLegal(action + 1);
    }

    public void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        (Heap, Last, _begun, _over) = (8 + _random.Integer(8), 0, true, false);
        Games++;
    }

    public StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);
        if (!_begun || _over)
            throw new InvalidOperationException("Call Reset first.");
        if (!IsLegal(action + 1))
            throw new ArgumentException($"{action + 1} of {Heap} after {Last} is illegal.", nameof(action));
        Take(action + 1);
        bool won = Heap == 0;
        if (!won)
        {
            int reply;
            do
                reply = 1 + _random.Integer(4);
            while (!IsLegal(reply));
            Take(reply);
        }

        _over = Heap == 0;
        return new StepResult(won ? 1 : _over ? -1 : 0, _over, Truncated: false);
    }

    public void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        if (!_begun)
            throw new InvalidOperationException("Call Reset first.");
        MemoryMarshal.AsBytes<float>([Heap / 16f, Last / 4f]).CopyTo(observation);
    }

    public void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write(Heap);
        writer.Write(Last);
        writer.Write(_begun);
        writer.Write(_over);
    }

    public void LoadState(BinaryReader reader)
    {
        _random.LoadState(reader);
        (Heap, Last, _begun, _over) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean(), reader.ReadBoolean());
    }

    public void Dispose() => GC.SuppressFinalize(this);

    // One may always take 1, also where the other just did and it is the last.
    private bool IsLegal(int count) => count <= Heap && (count == 1 || count != Last);

    private void Take(int count) => (Heap, Last) = (Heap - count, count);
}
