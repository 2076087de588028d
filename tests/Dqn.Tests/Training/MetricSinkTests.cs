using System.Reflection;
using Dqn.Training;
using Microsoft.Extensions.Logging;

namespace Dqn.Tests.Training;

public class MetricSinkTests
{
    [Test]
    public void The_console_gets_a_line_per_number()
    {
        var text = new StringWriter();
        using (var sink = new ConsoleMetricSink(text))
            sink.Write("train/loss", 1500, 0.25);
        Assert.That(text.ToString().Trim(), Is.EqualTo("1500 train/loss                   0.25"));
    }

    [Test]
    public void A_logger_gets_the_fields_by_name()
    {
        var logger = new ListLogger();
        using (var sink = new LoggerMetricSink(logger, LogLevel.Debug))
        {
            sink.Write("train/loss", 1500, 0.25);
            sink.Write("train/mean_value", 1500, double.NaN);
            sink.Write("train/epsilon", 1500, 0.5);
            sink.Write("train/loss", 1600, double.NaN);
            sink.Write("train/loss", 1700, 0.125);
        }

        Assert.That(logger.Entries, Has.Count.EqualTo(2), "a record for each step that has a number");
        Assert.Multiple(() =>
        {
            Assert.That(logger.Entries[0].Level, Is.EqualTo(LogLevel.Debug));
            Assert.That(logger.Entries[0].Event, Is.EqualTo(new EventId(TrainingLogEvents.Metrics)));
            Assert.That(logger.Entries[0].Text, Is.EqualTo("Step 1500: train/loss 0.25, train/epsilon 0.5"));
            Assert.That(logger.Entries[0].Fields["Step"], Is.EqualTo(1500L));
            Assert.That(logger.Entries[0].Fields["train/loss"], Is.EqualTo(0.25));
            Assert.That(logger.Entries[0].Fields["train/epsilon"], Is.EqualTo(0.5));
            Assert.That(logger.Entries[0].Fields.Keys, Has.None.EqualTo("train/mean_value"));
            Assert.That(logger.Entries[1].Text, Is.EqualTo("Step 1700: train/loss 0.125"));
        });
    }

    [Test]
    public void Every_message_has_an_id_of_its_own_that_is_documented()
    {
        Dictionary<string, int> documented = typeof(TrainingLogEvents).GetFields().ToDictionary(
            field => field.Name, field => (int)field.GetRawConstantValue()!);
        LoggerMessageAttribute[] messages =
        [
            .. from type in typeof(TrainingLogEvents).Assembly.GetTypes()
               from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
               let message = method.GetCustomAttribute<LoggerMessageAttribute>()
               where message is not null
               select message,
        ];
        Assert.That(documented.Values, Is.Unique);
        Assert.That(
            messages.Select(message => (message.EventName, message.EventId))
                .Append((nameof(TrainingLogEvents.Metrics), TrainingLogEvents.Metrics)).Distinct(),
            Is.EquivalentTo(documented.Select(pair => (pair.Key, pair.Value))));
    }

    [Test]
    public void A_csv_row_holds_the_numbers_of_one_step()
    {
        using var folder = new TemporaryFolder();
        using var sink = new CsvMetricSink(folder["history.csv"], ["loss", "return"]);
        sink.Write("loss", 10, 0.1);
        sink.Write("loss", 20, 1.0 / 3);
        sink.Write("unwanted", 20, 9);
        sink.Write("return", 20, double.NaN);
        sink.Write("return", 30, -5);
        Assert.That(File.Exists(folder["history.csv"]), Is.False);
        sink.Flush();
        Assert.That(
            File.ReadAllText(folder["history.csv"]),
            Is.EqualTo("step,loss,return\n10,0.1,\n20,0.3333333333333333,\n30,,-5\n"));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { "history.csv" }));
    }

    [Test]
    public void A_resumed_csv_is_what_it_was_whatever_came_after()
    {
        using var folder = new TemporaryFolder();
        using var state = new MemoryStream();
        using (var sink = new CsvMetricSink(folder["history.csv"], ["loss"]))
        {
            sink.Write("loss", 10, 1);
            sink.SaveState(new BinaryWriter(state));
            sink.Write("loss", 20, 2);
        }

        Assert.That(File.ReadAllText(folder["history.csv"]), Is.EqualTo("step,loss\n10,1\n20,2\n"));
        state.Position = 0;
        using var resumed = new CsvMetricSink(folder["history.csv"], ["loss"]);
        resumed.LoadState(new BinaryReader(state));
        Assert.That(File.ReadAllText(folder["history.csv"]), Is.EqualTo("step,loss\n10,1\n"));
        resumed.Write("loss", 15, 3);
        resumed.Flush();
        Assert.That(File.ReadAllText(folder["history.csv"]), Is.EqualTo("step,loss\n10,1\n15,3\n"));
    }

    [Test]
    public void A_csv_refuses_another_tables_rows_and_steps_that_go_back()
    {
        using var folder = new TemporaryFolder();
        using var state = new MemoryStream();
        using var sink = new CsvMetricSink(folder["history.csv"], ["loss"]);
        sink.Write("loss", 10, 1);
        sink.SaveState(new BinaryWriter(state));
        state.Position = 0;
        using var other = new CsvMetricSink(folder["other.csv"], ["return"]);
        Assert.Multiple(() =>
        {
            Assert.That(() => other.LoadState(new BinaryReader(state)), Throws.InstanceOf<InvalidDataException>());
            Assert.That(() => sink.Write("loss", 9, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => new CsvMetricSink("x.csv", ["a,b"]), Throws.ArgumentException);
        });
    }

    private sealed class ListLogger : ILogger
    {
        public List<(LogLevel Level, EventId Event, string Text, Dictionary<string, object?> Fields)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, eventId, formatter(state, exception), new((IEnumerable<KeyValuePair<string, object?>>)state!)));
    }
}
