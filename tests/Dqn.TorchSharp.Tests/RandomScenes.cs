using System.Runtime.InteropServices;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.TorchEngine;

/// <summary>
/// Environments of random frames, the same for the same seed whatever the agent does, in short episodes that terminate
/// or are truncated.
/// </summary>
internal sealed class RandomScenes(DqnAgent agent, EnvironmentSpec spec, ulong seed)
{
    private readonly Pcg64 _random = new(seed);
    private readonly byte[][] _observations = [.. Enumerable.Repeat(Array.Empty<byte>(), agent.Options.Environments)];
    private readonly bool[][] _legal = [.. Enumerable.Repeat(Array.Empty<bool>(), agent.Options.Environments)];

    public static EnvironmentSpec Pixels { get; } = new()
    {
        Name = "Pixels",
        ObservationShape = [3, 12, 10],
        ElementType = ElementType.Byte,
        ActionCount = 3,
        StackedFrames = 3,
    };

    public static EnvironmentSpec Floats { get; } = new()
    {
        Name = "Floats",
        ObservationShape = [5],
        ElementType = ElementType.Single,
        ActionCount = 3,
    };

    /// <summary>The same with some actions illegal, a first one never.</summary>
    public static EnvironmentSpec Masked { get; } = Floats with { Name = "Masked", HasIllegalActions = true };

    /// <summary>Another agent in the same place.</summary>
    public RandomScenes On(DqnAgent other)
    {
        RandomScenes scenes = new(other, spec, 0);
        using var memory = new MemoryStream();
        _random.SaveState(new BinaryWriter(memory));
        memory.Position = 0;
        scenes._random.LoadState(new BinaryReader(memory));
        _observations.CopyTo(scenes._observations);
        _legal.CopyTo(scenes._legal);
        return scenes;
    }

    /// <summary>So many steps in each environment; what was learnt.</summary>
    public List<LearnResult> Go(int steps)
    {
        List<LearnResult> results = [];
        int[] actions = new int[_observations.Length];
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < actions.Length; i++)
                if (_observations[i].Length == 0)
                    agent.Begin(_observations[i] = First(), i, _legal[i] = Mask());
            agent.Act(
                [.. _observations.SelectMany(observation => observation)], actions, [.. _legal.SelectMany(mask => mask)]);
            for (int i = 0; i < actions.Length; i++)
            {
                double reward = _random.Uniform(-1, 1);
                int end = _random.Integer(20);
                byte[] next = [.. _observations[i].AsSpan(spec.FrameBytes), .. Frame()];
                bool[] legal = Mask();
                if (agent.RecordAndLearn(actions[i], reward, end == 0, end == 1, next, i, end == 0 ? [] : legal) is { } learnt)
                    results.Add(learnt);
                _legal[i] = legal;
                _observations[i] = end <= 1 ? [] : next;
            }
        }

        return results;
    }

    private bool[] Mask() =>
        spec.HasIllegalActions ? [true, _random.Integer(2) == 1, _random.Integer(2) == 1] : [];

    private byte[] First()
    {
        byte[] frame = Frame();
        return [.. Enumerable.Repeat(frame, spec.StackedFrames).SelectMany(bytes => bytes)];
    }

    private byte[] Frame()
    {
        if (spec.ElementType == ElementType.Single)
        {
            float[] features = [.. Enumerable.Range(0, spec.ObservationLength).Select(_ => (float)_random.Uniform(-1, 1))];
            return MemoryMarshal.AsBytes(features.AsSpan()).ToArray();
        }

        var frame = new byte[spec.FrameBytes];
        foreach (ref byte pixel in frame.AsSpan())
            pixel = (byte)_random.Integer(256);
        return frame;
    }
}
