using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Orleans.Replay;
using Dqn.Orleans.Shards;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Training;

namespace Dqn.Benchmarks;

/// <summary>Something to learn from what was made up: what it says does not matter, how large it is does.</summary>
internal sealed record LearningTask
{
    private const int Episode = 250;

    /// <summary>What it is called on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a table.</summary>
    public required string Title { get; init; }

    public required EnvironmentSpec Spec { get; init; }

    public required DqnOptions Options { get; init; }

    /// <summary>How many transitions lie on each shard.</summary>
    public required int Transitions { get; init; }

    /// <summary>How many times the updates that are asked for make a window: more where they are short.</summary>
    public int Windows { get; init; } = 1;

    public required Func<EnvironmentSpec, DqnOptions, IQNetwork> MakeNetwork { get; init; }

    public SegmentFormat Format => SegmentFormat.Of(Spec, Options.NStep);

    public static IReadOnlyList<LearningTask> All { get; } = [Pixels(), Prioritized(), Fast(), Numbers()];

    public static LearningTask Named(string name) => All.First(task => task.Name == name);

    /// <summary>Segments as an actor would make them.</summary>
    public IEnumerable<TransitionSegment> Segments(int transitions, int environment, ulong seed)
    {
        var writer = new SegmentWriter(Format, Options.Discount, Options.Prioritized is not null, environment);
        var random = new Pcg64(seed);
        int taken = 0;
        for (int step = 0; taken < transitions; step++)
        {
            if (step % Episode == 0)
                writer.Begin(Start(random));
            byte[] next = Start(random);
            writer.Add(
                random.Integer(Spec.ActionCount), (float)random.NextDouble(), terminated: false, truncated: step % Episode == Episode - 1, next,
                actionValue: (float)random.NextDouble(), stateValue: (float)random.NextDouble());
            while (taken < transitions && writer.TryTake(out TransitionSegment? segment))
            {
                taken += segment.Transitions;
                yield return segment;
            }
        }
    }

    /// <summary>Fills a silo's shard.</summary>
    public void Fill(ReplayShard shard, int number)
    {
        shard.SetUp(Format, Options.Prioritized, 2 * Transitions, 2 * Transitions);
        foreach (TransitionSegment segment in Segments(Transitions, number, (ulong)number))
            shard.Insert(segment);
    }

    /// <summary>A buffer of this process with as much as so many shards have together.</summary>
    public IReplay Buffer(int shards)
    {
        int count = shards * Transitions;
        IReplay buffer = Options.Prioritized is { } prioritized
            ? new PrioritizedReplayBuffer(count, Spec.FrameBytes, Spec.StackedFrames, options: prioritized)
            : new ReplayBuffer(count, Spec.FrameBytes, Spec.StackedFrames);
        var random = new Pcg64(1);
        for (int step = 0; step < count; step++)
        {
            if (step % Episode == 0)
                buffer.Begin(Start(random));
            buffer.Add(
                random.Integer(Spec.ActionCount), (float)random.NextDouble(), false, step % Episode == Episode - 1, Start(random));
        }

        return buffer;
    }

    public IQNetwork Network() => MakeNetwork(Spec, Options);

    // A first frame, as often as a stack has frames.
    private byte[] Start(Pcg64 random)
    {
        var observation = new byte[Spec.ObservationBytes];
        Span<byte> frame = observation.AsSpan(0, Spec.FrameBytes);
        if (Spec.ElementType == ElementType.Byte)
        {
            for (int i = 0; i < frame.Length; i += 8)
                BitConverter.TryWriteBytes(frame[i..], random.NextUInt64());
        }
        else
        {
            foreach (ref float value in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(frame))
                value = (float)random.NextDouble();
        }

        for (int i = 1; i < Spec.StackedFrames; i++)
            frame.CopyTo(observation.AsSpan(i * frame.Length));
        return observation;
    }

    private static LearningTask Pixels() => new()
    {
        Name = "pixels",
        Title = "84 × 84 × 4, compact network, uniform",
        Spec = Frames(84),
        Options = new DqnOptions
        {
            DoubleDqn = true,
            CacheTargetValues = false, // What a buffer of the learner's own allows, and shards do not.
            Network = new QNetworkOptions { Threads = 1, Optimizer = new AdamOptions() },
        },
        Transitions = 4_096,
        MakeNetwork = (spec, options) => new QNetwork(
            new CompactCnnActionValue(4, spec.ActionCount, 84, 84, options.Architecture), new Pcg64(1), options.Network),
    };

    private static LearningTask Prioritized() => Pixels() with
    {
        Name = "prioritized",
        Title = "84 × 84 × 4, compact network, prioritized, 3 steps",
        Options = Pixels().Options with { Prioritized = new PrioritizedReplayOptions(), NStep = 3 },
    };

    private static LearningTask Fast()
    {
        DqnOptions options = CarRacing.Presets.CarRacingPresets.Fast.Agent;
        return Pixels() with
        {
            Name = "fast",
            Title = "CarRacing's fast preset: 42 × 42 × 4, batches of 128",
            Spec = Frames(42),
            Options = options with { Network = options.Network with { Threads = 1 } },
            Transitions = 8_192,
            MakeNetwork = (spec, options) => new QNetwork(
                CarRacing.Presets.CarRacingPresets.Fast.Network.Build(spec, options.Architecture), new Pcg64(1), options.Network),
        };
    }

    private static LearningTask Numbers()
    {
        using var task = new WaitingCartPole();
        DqnOptions options = Trainer.OptionsFor(task.Spec, 1_000_000);
        return new LearningTask
        {
            Name = "numbers",
            Title = "CartPole: 4 numbers, two layers of 128, batches of 64",
            Spec = task.Spec,
            Options = options with { CacheTargetValues = false, Network = options.Network with { Threads = 1 } },
            Transitions = 25_000,
            Windows = 50,
            MakeNetwork = (spec, options) => DqnAgent.CreateNetwork(spec, options, 1),
        };
    }

    private static EnvironmentSpec Frames(int side) => new()
    {
        Name = "frames",
        ObservationShape = [4, side, side],
        ElementType = ElementType.Byte,
        Layout = ObservationLayout.ChannelsFirst,
        StackedFrames = 4,
        ActionCount = 5,
    };
}
