using Dqn.Randomness;
using Dqn.Replay;

namespace Dqn.Tests.Replay;

/// <summary>
/// Plays random episodes into a buffer's lane and into its twin; some are abandoned in the middle.
/// </summary>
internal sealed class RandomEpisodes(
    IReplay buffer, NaiveReplay? twin, Pcg64 random, int meanLength, int lane = 0)
{
    private byte[] _observation = [];
    private bool _open;

    public void Play(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            if (!_open || random.Integer(4 * meanLength) == 0)
                Begin();
            int action = random.Integer(5);
            float reward = (float)random.Uniform(-1, 1);
            int end = random.Integer(2 * meanLength);
            bool terminated = end == 0, truncated = end == 1;
            byte[] next = [.. _observation.AsSpan(buffer.Local!.FrameBytes), .. Frame()];
            buffer.Add(action, reward, terminated, truncated, next, lane);
            twin?.Add(_observation, action, reward, terminated, truncated, next);
            _observation = next;
            _open = !terminated && !truncated;
        }
    }

    private void Begin()
    {
        byte[] frame = Frame();
        _observation = [.. Enumerable.Repeat(frame, buffer.Local!.StackedFrames).SelectMany(f => f)];
        buffer.Begin(_observation, lane);
        twin?.Begin();
        _open = true;
    }

    private byte[] Frame()
    {
        var frame = new byte[buffer.Local!.FrameBytes];
        for (int i = 0; i < frame.Length; i++)
            frame[i] = (byte)random.Integer(256);
        return frame;
    }
}
