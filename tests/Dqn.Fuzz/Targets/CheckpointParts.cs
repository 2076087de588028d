using System.Buffers.Binary;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Files;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Replay;
using Dqn.Training;

namespace Dqn.Fuzz;

/// <summary>
/// A checkpoint's manifest and its parts. Of the parts the damage comes behind the checksums, as if an attacker had
/// written them.
/// </summary>
internal static class CheckpointParts
{
    private static readonly DqnOptions s_options = new()
    {
        WarmupSteps = 4,
        BufferCapacity = 16,
        BatchSize = 2,
        UpdatePeriod = 1,
        Prioritized = new PrioritizedReplayOptions(),
        Network = new QNetworkOptions { Optimizer = new AdamOptions(), Threads = 1 },
    };

    public static IEnumerable<Target> All()
    {
        byte[] manifest = Manifest();
        yield return new Target("manifest", manifest, Mutations.MutateFurther, ReadManifest);
        yield return new Target(
            "manifest, checksum right", manifest,
            (file, random) => WithChecksum(Mutations.MutateFurther(file, random)), ReadManifest);

        TrainingLoop loop = Loop(out DqnAgent agent);
        loop.Run(24);
        byte[] loopState = Write(loop.SaveState);
        foreach (Target target in Agent("", agent))
            yield return target;
        foreach (Target target in Agent(", illegal actions", Masked()))
            yield return target;
        yield return Pqn();
        yield return new Target(
            "loop", loopState, Mutations.MutateFurther, file => ReadPart("loop", file, loop.LoadState));

        var metrics = new TrainingMetrics();
        var best = new BestModelKeeper(() => { });
        var history = new CsvMetricSink(
            "history.csv", [.. TrainingMetrics.HistoryColumns, RunHistory.SecondsColumn]);
        metrics.Returns.Add(20);
        history.Write("train/loss", 10, 0.5);
        history.Write("train/loss", 20, 0.25);
        byte[] metricsState = Write(writer =>
        {
            metrics.SaveState(writer);
            best.SaveState(writer);
            history.SaveState(writer, TrainingMetrics.HistoryColumns);
        });
        yield return new Target(
            "metrics", metricsState, Mutations.MutateFurther, file => ReadPart("metrics", file, reader =>
            {
                metrics.LoadState(reader);
                best.LoadState(reader);
                history.ReadState(reader, TrainingMetrics.HistoryColumns);
            }));
        byte[] clockState = Write(writer =>
        {
            new TrainingClock().SaveState(writer);
            history.SaveState(writer, [RunHistory.SecondsColumn]);
        });
        yield return new Target(
            "clock", clockState, Mutations.MutateFurther, file => ReadPart("clock", file, reader =>
            {
                new TrainingClock().LoadState(reader);
                history.ReadMore(reader, [RunHistory.SecondsColumn]);
            }), Every: 16);
    }

    private static IEnumerable<Target> Agent(string kind, DqnAgent agent)
    {
        byte[] state = Write(agent.SaveState);
        byte[] segment = Write(writer => agent.Replay.WriteSegment(0, writer.BaseStream));
        yield return new Target(
            $"agent{kind}", state, Mutations.MutateFurther, file => ReadPart("agent", file, reader =>
            {
                agent.LoadState(reader);
                agent.Replay.ReadSegment(0, new MemoryStream(segment));
                Learn(() => agent.Learn());
            }));
        yield return new Target(
            $"replay segment{kind}", segment, Mutations.MutateFurther, file => ReadPart("replay-00000", file, reader =>
            {
                agent.LoadState(new BinaryReader(new MemoryStream(state)));
                agent.Replay.ReadSegment(0, reader.BaseStream);
                Learn(() => agent.Learn());
            }));
    }

    // In the middle of a rollout: its frames and values are in the state.
    private static Target Pqn()
    {
        var options = new PqnOptions
        {
            Environments = 2,
            RolloutSteps = 8,
            BatchSize = 4,
            Network = new PqnOptions().Network with { Threads = 1 },
            Architecture = new(),
        };
        var environments = new VectorEnvironment(2, _ => new CartPoleEnvironment().WithTimeLimit(3), threads: 1);
        var network = new QNetwork(new Sequential([4], pixels: false, [new Linear("fc", 2)]), new Pcg64(1), options.Network);
        var agent = new PqnAgent(network, environments.Spec, options, seed: 1);
        new TrainingLoop(agent, environments, seed: 1).Run(27);
        return new Target(
            "PQN agent", Write(agent.SaveState), Mutations.MutateFurther, file => ReadPart("agent", file, reader =>
            {
                agent.LoadState(reader);
                if (agent.HasSteps)
                    Learn(() => agent.Learn());
            }));
    }

    // Finite numbers that are too large end a training as documented.
    private static void Learn(Action learn)
    {
        try
        {
            learn();
        }
        catch (TrainingDivergedException)
        {
        }
    }

    private static void ReadManifest(byte[] file) => CheckpointManifest.Parse(file, "checkpoint-000012.manifest");

    private static void ReadPart(string name, byte[] file, Action<BinaryReader> read) =>
        Checkpoint.Read(new MemoryStream(file), $"{name}.000012.part", name, read);

    private static TrainingLoop Loop(out DqnAgent agent)
    {
        IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(9).WithStatistics();
        Sequential architecture = new([4], pixels: false, [new Linear("fc1", 2), new Relu(), new NoisyLinear("fc2", 2)]);
        var network = new QNetwork(architecture, new Pcg64(1), s_options.Network);
        agent = new DqnAgent(network, environment.Spec, s_options, seed: 1);
        return new TrainingLoop(agent, environment, seed: 1);
    }

    private static DqnAgent Masked()
    {
        EnvironmentSpec spec = new CartPoleEnvironment().Spec with { HasIllegalActions = true };
        var network = new QNetwork(new Sequential([4], pixels: false, [new Linear("fc", 2)]), new Pcg64(1), s_options.Network);
        var agent = new DqnAgent(network, spec, s_options, seed: 1);
        var observation = new byte[spec.ObservationBytes];
        bool[] legal = [true, false];
        for (int i = 0; i < 24; i++)
        {
            if (i % 9 == 0)
                agent.Begin(observation, 0, legal);
            Array.Reverse(legal);
            agent.RecordAndLearn(i % 2, 1, i % 9 == 8, false, observation, 0, legal);
        }

        return agent;
    }

    private static byte[] Manifest()
    {
        var manifest = new CheckpointManifest(
            12, 3000,
            [
                new("agent", -1, 12, new Checksum(1234, 0x0123456789ABCDEF)), new("loop", -1, 12, new Checksum(99, 1)),
                new("replay-00000", 7, 3, new Checksum(1L << 33, ulong.MaxValue)),
            ]);
        using var stream = new MemoryStream();
        manifest.WriteTo(stream);
        return stream.ToArray();
    }

    private static byte[] WithChecksum(byte[] file)
    {
        if (file.Length >= sizeof(ulong))
        {
            Span<byte> end = file.AsSpan(file.Length - sizeof(ulong));
            BinaryPrimitives.WriteUInt64LittleEndian(end, XxHash64.Of(file.AsSpan(0, file.Length - sizeof(ulong))));
        }

        return file;
    }

    private static byte[] Write(Action<BinaryWriter> save)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        save(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
