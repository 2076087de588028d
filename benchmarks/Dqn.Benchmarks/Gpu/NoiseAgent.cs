using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;

namespace Dqn.Benchmarks.Gpu;

/// <summary>Agents with stacks of four 84 × 84 frames of noise, and five actions.</summary>
internal static class NoiseAgent
{
    public const int Actions = 5;

    private const int FrameBytes = 84 * 84, Stack = 4, ObservationBytes = Stack * FrameBytes;

    private static readonly EnvironmentSpec Spec = new()
    {
        Name = "noise",
        ObservationShape = [Stack, 84, 84],
        ElementType = ElementType.Byte,
        ActionCount = Actions,
        StackedFrames = Stack,
    };

    /// <summary>Noise, [count, observation].</summary>
    public static byte[] Observations(int count)
    {
        var observations = new byte[count * ObservationBytes];
        new Random(1).NextBytes(observations);
        return observations;
    }

    /// <summary>An agent that always asks its network what to do.</summary>
    public static DqnAgent Acting(IQNetwork network, int environments) => new(
        network, Spec,
        new DqnOptions
        {
            Environments = environments,
            Epsilon = new EpsilonSchedule(0, 0, 1),
            WarmupSteps = 0,
            BufferCapacity = 1000,
        },
        seed: 1);

    /// <summary>An agent that remembers as many frames, and learns when it is told to.</summary>
    public static DqnAgent Remembering(IQNetwork network, int batch, int frames)
    {
        DqnOptions options = new() { BatchSize = batch, BufferCapacity = frames, WarmupSteps = frames };
        DqnAgent agent = new(network, Spec, options, seed: 1);
        var observation = new byte[ObservationBytes];
        Random random = new(1);
        agent.Begin(observation);
        for (int i = 0; i < frames; i++)
        {
            // The stack moves on by a frame.
            observation.AsSpan(FrameBytes).CopyTo(observation);
            random.NextBytes(observation.AsSpan(ObservationBytes - FrameBytes));
            agent.RecordAndLearn(i % Actions, 1, terminated: i % 100 == 99, truncated: false, observation);
            if (i % 100 == 99)
            {
                // A first observation is one frame, as often as the stack is deep.
                observation.AsSpan().Clear();
                agent.Begin(observation);
            }
        }

        return agent;
    }
}
