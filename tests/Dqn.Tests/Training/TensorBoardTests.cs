using System.Text;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class TensorBoardTests
{
    // The last four are RFC 3720's, appendix B.4.
    private static IEnumerable<TestCaseData> Vectors()
    {
        yield return new("123456789"u8.ToArray(), 0xE3069283u);
        yield return new(Array.Empty<byte>(), 0u);
        yield return new(new byte[32], 0x8A9136AAu);
        yield return new(Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43u);
        yield return new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794Eu);
        yield return new(Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5Cu);
    }

    [TestCaseSource(nameof(Vectors))]
    public void Crc32C_is_Castagnolis(byte[] data, uint expected)
    {
        Assert.That(TensorBoardRecord.Crc32C(data), Is.EqualTo(expected));
        Assert.That(BitwiseCrc32C(data), Is.EqualTo(expected), "the decoder's own");
    }

    [Test]
    public void An_event_file_holds_what_was_written()
    {
        using var folder = new TemporaryFolder();
        var clock = new FixedClock(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_500));
        string path;
        using (var sink = new TensorBoardMetricSink(folder["board"], time: clock))
        {
            path = sink.Path;
            sink.Write("train/loss", 1000, 0.125);
            sink.Write("evaluation/mean", 3_000_000_000, -12.5);
            sink.Write("zero", 0, double.NaN);
        }

        Event[] events = [.. Decode(File.ReadAllBytes(path))];
        Assert.Multiple(() =>
        {
            Assert.That(Path.GetFileName(path), Does.Match(@"^events\.out\.tfevents\.1700000000\..+\.\d+\.0$"));
            Assert.That(events, Has.Length.EqualTo(4));
            Assert.That(events[0], Is.EqualTo(new Event(1_700_000_000.5, 0, "brain.Event:2", null, null, false)));
            Assert.That(events[1], Is.EqualTo(new Event(1_700_000_000.5, 1000, null, "train/loss", 0.125f, false)));
            Assert.That(
                events[2],
                Is.EqualTo(new Event(1_700_000_000.5, 3_000_000_000, null, "evaluation/mean", -12.5f, false)));
            Assert.That(events[3], Is.EqualTo(new Event(1_700_000_000.5, 0, null, "zero", float.NaN, false)));
        });
    }

    [Test]
    public void A_resumed_run_opens_a_file_that_sorts_last_and_drops_what_came_after_its_step()
    {
        using var folder = new TemporaryFolder();
        var clock = new FixedClock(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        new TensorBoardMetricSink(folder.Path, time: clock).Dispose();
        new TensorBoardMetricSink(folder.Path, resumedStep: 500, clock).Dispose();
        new TensorBoardMetricSink(folder.Path, resumedStep: 700, clock).Dispose();

        string[] names = folder.FileNames();
        Assert.That(names, Has.Length.EqualTo(3));
        Event[][] events = [.. names.Select(name => Decode(File.ReadAllBytes(folder[name])).ToArray())];
        Assert.Multiple(() =>
        {
            Assert.That(events[0], Has.Length.EqualTo(1));
            Assert.That(events[1][1], Is.EqualTo(new Event(1_700_000_000, 501, null, null, null, true)));
            Assert.That(events[2][1], Is.EqualTo(new Event(1_700_000_000, 701, null, null, null, true)));
        });
    }

    [Test]
    public void A_run_that_begins_anew_in_a_folder_drops_all_that_an_earlier_one_left()
    {
        using var folder = new TemporaryFolder();
        var clock = new FixedClock(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        using (var killed = new TensorBoardMetricSink(folder.Path, time: clock))
            killed.Write("train/loss", 1000, 0.5);
        string path;
        using (var again = new TensorBoardMetricSink(folder.Path, time: clock))
            path = again.Path;
        Assert.That(Decode(File.ReadAllBytes(path)).ElementAt(1), Is.EqualTo(new Event(1_700_000_000, 0, null, null, null, true)));
    }

    private sealed record Event(double WallTime, long Step, string? FileVersion, string? Tag, float? Value, bool Start);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    // A decoder of its own: TFRecord framing, then protobuf's wire format.
    private static IEnumerable<Event> Decode(byte[] file)
    {
        for (int at = 0; at < file.Length;)
        {
            int length = checked((int)BitConverter.ToUInt64(file, at));
            Assert.That(BitConverter.ToUInt32(file, at + 8), Is.EqualTo(Mask(BitwiseCrc32C(file[at..(at + 8)]))));
            byte[] data = file[(at + 12)..(at + 12 + length)];
            Assert.That(BitConverter.ToUInt32(file, at + 12 + length), Is.EqualTo(Mask(BitwiseCrc32C(data))));
            at += 16 + length;

            Dictionary<int, object> fields = Message(data);
            Dictionary<int, object> summary = fields.TryGetValue(5, out object? bytes) ? Message((byte[])bytes) : [];
            Dictionary<int, object> value = summary.TryGetValue(1, out bytes) ? Message((byte[])bytes) : [];
            yield return new Event(
                BitConverter.Int64BitsToDouble((long)(ulong)fields[1]),
                fields.TryGetValue(2, out object? step) ? (long)(ulong)step : 0,
                fields.TryGetValue(3, out object? version) ? Encoding.UTF8.GetString((byte[])version) : null,
                value.TryGetValue(1, out object? tag) ? Encoding.UTF8.GetString((byte[])tag) : null,
                value.TryGetValue(2, out object? single) ? BitConverter.UInt32BitsToSingle((uint)single) : null,
                fields.TryGetValue(7, out object? log) && (ulong)Message((byte[])log)[1] == 1);
        }

        static uint Mask(uint crc) => ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    private static Dictionary<int, object> Message(byte[] data)
    {
        var fields = new Dictionary<int, object>();
        for (int at = 0; at < data.Length;)
        {
            ulong key = Varint(data, ref at);
            object content;
            switch (key & 7)
            {
                case 0:
                    content = Varint(data, ref at);
                    break;
                case 1:
                    content = BitConverter.ToUInt64(data, at);
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(data, ref at);
                    content = data[at..(at + length)];
                    at += length;
                    break;
                case 5:
                    content = BitConverter.ToUInt32(data, at);
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7}.");
            }

            fields.Add((int)(key >> 3), content);
        }

        return fields;
    }

    private static ulong Varint(byte[] data, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte item = data[at++];
            value |= (ulong)(item & 0x7F) << shift;
            if (item < 0x80)
                return value;
        }
    }

    private static uint BitwiseCrc32C(byte[] data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte item in data)
        {
            crc ^= item;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }
}
