using Dqn.Orleans.Replay;
using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

/// <summary>Plays one environment's random episodes into a buffer's lane and into a writer; some are abandoned in the middle.</summary>
internal sealed class RandomStream(
    SegmentFormat format, Pcg64 random, int meanLength, IReplay? buffer, int lane, SegmentWriter writer)
{
    public const int Actions = 5;

    private byte[] _observation = [];
    private bool[] _legal = [];
    private bool _open;

    public int Steps { get; private set; }

    /// <summary>For first priorities: what is said of each step's values.</summary>
    public Func<(float Action, float State)> Values { get; init; } = () => (0, 0);

    public void Play(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            if (!_open || random.Integer(4 * meanLength) == 0)
                Begin();
            int action;
            do
                action = random.Integer(Actions);
            while (_legal.Length > 0 && !_legal[action]);
            float reward = (float)random.Uniform(-1, 1);
            int end = random.Integer(2 * meanLength);
            bool terminated = end == 0, truncated = end == 1;
            byte[] next = [.. _observation.AsSpan(format.FrameBytes), .. Frame()];
            bool[] legal = terminated && random.Integer(2) == 0 ? [] : Mask();
            (float actionValue, float stateValue) = Values();
            buffer?.Add(action, reward, terminated, truncated, next, lane, legal);
            writer.Add(action, reward, terminated, truncated, next, legal, actionValue, stateValue);
            (_observation, _legal, _open) = (next, legal, !terminated && !truncated);
            Steps++;
        }
    }

    public void Cut()
    {
        writer.Cut();
        _open = false;
    }

    private void Begin()
    {
        byte[] frame = Frame();
        _observation = [.. Enumerable.Repeat(frame, format.StackedFrames).SelectMany(f => f)];
        _legal = Mask();
        buffer?.Begin(_observation, lane, _legal);
        writer.Begin(_observation, _legal);
        _open = true;
    }

    private bool[] Mask()
    {
        var mask = new bool[format.MaskedActions];
        if (mask.Length == 0)
            return mask;
        for (int i = 0; i < mask.Length; i++)
            mask[i] = random.Integer(2) == 0;
        mask[random.Integer(mask.Length)] = true;
        return mask;
    }

    private byte[] Frame()
    {
        var frame = new byte[format.FrameBytes];
        for (Span<byte> rest = frame; !rest.IsEmpty; rest = rest[Math.Min(8, rest.Length)..])
            BitConverter.GetBytes(random.NextUInt64()).AsSpan(0, Math.Min(8, rest.Length)).CopyTo(rest);
        return frame;
    }
}
