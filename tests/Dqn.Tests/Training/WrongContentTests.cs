using System.Buffers.Binary;
using System.Text;
using Dqn.Networks;
using Dqn.Randomness;
using Dqn.Training;

namespace Dqn.Tests.Training;

/// <summary>Checkpoints whose checksums fit and whose content is impossible: refused on loading, not at an update.</summary>
public class WrongContentTests
{
    private const int SegmentHeaderBytes = 16;

    [TestCase("pixels", 3)]
    [TestCase("pixels", int.MaxValue)]
    [TestCase("pixels", -1)]
    [TestCase("cartpole", 2)]
    public void An_action_that_there_is_not_is_refused(string task, int action) => Refuses(
        task, "replay-00000", bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(SegmentHeaderBytes), action),
        $"action {action}");

    [Test]
    public void A_reward_that_is_not_finite_is_refused() => Refuses(
        "pixels", "replay-00000",
        bytes => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(SegmentHeaderBytes + 4), float.NaN), "reward NaN");

    [Test]
    public void A_feature_that_is_not_finite_is_refused() => Refuses(
        "cartpole", "replay-00000",
        bytes => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - 4), float.NegativeInfinity),
        "expected finite features");

    [Test]
    public void A_key_that_occurs_twice_is_refused() => Refuses(
        "cartpole", "settings",
        bytes =>
        {
            string interval = "\"metricInterval\":25", seed = "\"seed\":3".PadRight(interval.Length);
            Encoding.ASCII.GetBytes(seed).CopyTo(bytes, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(interval)));
        },
        "'seed'");

    [Test]
    public void Half_a_character_is_refused() => Refuses(
        "cartpole", "settings",
        bytes => "\\ud800Interval"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("metricInterval"u8))), "settings as JSON");

    [Test]
    public void A_history_that_goes_back_is_refused() => Refuses(
        "cartpole", "metrics", bytes => BinaryPrimitives.WriteInt64LittleEndian(LastRow(bytes), 1), "expected a step above");

    [Test]
    public void A_history_of_the_future_is_refused() => Refuses(
        "cartpole", "metrics", bytes => BinaryPrimitives.WriteInt64LittleEndian(LastRow(bytes), 81), "the last row's, got 81");

    [Test]
    public void A_mean_that_is_not_finite_is_refused() => Refuses(
        "cartpole", "metrics", bytes => BinaryPrimitives.WriteDoubleLittleEndian(bytes, double.NaN), "expected a finite sum");

    [Test]
    public void A_loop_at_another_step_is_refused() => Refuses(
        "cartpole", "loop", bytes => BinaryPrimitives.WriteInt64LittleEndian(bytes, 79), "the loop's, got 79");

    [TestCase(float.NaN, false)]
    [TestCase(float.PositiveInfinity, false)]
    [TestCase(-1f, false)]
    [TestCase(float.NaN, true)]
    public void A_network_that_would_become_NaN_is_refused(float value, bool first)
    {
        using var network = new QNetwork(
            new MlpActionValue(4, 2, 16), new Pcg64(5), new QNetworkOptions { Optimizer = new AdamOptions(), Threads = 1 });
        network.Fit(new byte[16], [1], [2f], [], []);
        using var state = new MemoryStream();
        network.SaveState(new BinaryWriter(state));
        network.LoadState(new BinaryReader(new MemoryStream(state.ToArray())));

        // The last number is one of Adam's means of squares; a first one is a parameter, after 8 bytes of steps.
        byte[] bytes = state.ToArray();
        int parameters = (16 * 4 + 16 + 2 * 16 + 2) * sizeof(float);
        int at = first ? bytes.Length - 3 * parameters : bytes.Length - sizeof(float);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
        Assert.That(
            () => network.LoadState(new BinaryReader(new MemoryStream(bytes))), Throws.TypeOf<InvalidDataException>()
                .With.Message.Contains(first ? "the parameters" : "exp_avg_sq").And.Message.Contains($"got {value}"));
    }

    [TestCase(double.NaN, 10)]
    [TestCase(double.PositiveInfinity, 10)]
    [TestCase(1, -1)]
    public void A_best_evaluation_that_nothing_could_beat_is_refused(double mean, long step)
    {
        using var state = new MemoryStream();
        using var writer = new BinaryWriter(state);
        writer.Write(mean);
        writer.Write(step);
        state.Position = 0;
        Assert.That(
            () => new BestModelKeeper(() => { }).LoadState(new BinaryReader(state)), Throws.TypeOf<InvalidDataException>());
    }

    private static Span<byte> LastRow(byte[] metrics) =>
        metrics.AsSpan(metrics.Length - (1 + TrainingMetrics.HistoryColumns.Length) * sizeof(double));

    private static void Refuses(string task, string part, Action<byte[]> alter, string message)
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], task))
            run.Run.RunLazily().Take(80).Count();
        Checkpoint checkpoint = new CheckpointStore(folder["run/checkpoints"]).Load()!;
        var contents = new List<(string Name, byte[] Bytes)>();
        foreach (string name in checkpoint.Names)
            checkpoint.Read(name, reader => contents.Add((name, reader.ReadBytes((int)reader.BaseStream.Length))));
        byte[] altered = contents.Single(content => content.Name == part).Bytes;
        byte[] before = [.. altered];
        alter(altered);
        Assert.That(altered, Is.Not.EqualTo(before));
        Directory.Delete(folder["run/checkpoints"], recursive: true);
        new CheckpointStore(folder["run/checkpoints"]).Save(checkpoint.Step, [.. contents.Select(content =>
            new CheckpointSection(content.Name, writer => writer.Write(content.Bytes)))]);

        using var resumed = new SmallRun(folder["run"], task);
        Assert.That(resumed.Run.Resume, Throws.TypeOf<InvalidDataException>().With.Message.Contains(message));
    }
}
