using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Training;

/// <summary>
/// A little pixel task: a bright dot wanders at random along the top row, and the agent's along the bottom one is
/// rewarded for being under it. Some steps end the episode by chance.
/// </summary>
internal sealed class PixelChase(bool canSaveState, int width = 6) : IEnvironment
{
    private readonly Pcg64 _random = new(99);
    private int _dot;
    private int _agent;
    private bool _running;

    public EnvironmentSpec Spec { get; } = new()
    {
        Name = "PixelChase",
        ObservationShape = [2, width],
        ElementType = ElementType.Byte,
        ActionCount = 3,
    };

    public bool CanSaveState => canSaveState;

    /// <summary>The seeds that episodes were started with; null where the stream went on.</summary>
    public List<ulong?> Seeds { get; } = [];

    public void Reset(ulong? seed = null)
    {
        Seeds.Add(seed);
        if (seed is { } value)
            _random.Seed(value);
        (_dot, _agent, _running) = (_random.Integer(width), _random.Integer(width), true);
    }

    public StepResult Step(int action)
    {
        if (!_running)
            throw new InvalidOperationException("Step before Reset.");
        _agent = Math.Clamp(_agent + action - 1, 0, width - 1);
        _dot = Math.Clamp(_dot + _random.Integer(3) - 1, 0, width - 1);
        _running = _random.Integer(25) != 0;
        return new StepResult(_agent == _dot ? 1 : -0.1, !_running, false);
    }

    public void Observe(Span<byte> observation)
    {
        observation.Clear();
        observation[_dot] = 255;
        observation[width + _agent] = 128;
    }

    public void SaveState(BinaryWriter writer)
    {
        if (!canSaveState)
            throw new NotSupportedException();
        _random.SaveState(writer);
        writer.Write(_dot);
        writer.Write(_agent);
        writer.Write(_running);
    }

    public void LoadState(BinaryReader reader)
    {
        if (!canSaveState)
            throw new NotSupportedException();
        _random.LoadState(reader);
        (_dot, _agent, _running) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadBoolean());
    }

    public void Dispose()
    {
    }
}
