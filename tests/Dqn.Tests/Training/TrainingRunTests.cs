using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Serialization;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class TrainingRunTests
{
    [Test]
    public void Checkpoints_are_saved_by_time_too()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels", options => options with { CheckpointTime = TimeSpan.FromTicks(1) });
        Assert.That(run.Run.RunLazily().Take(5).Select(happened => happened.CheckpointSaved), Has.All.True);
        Assert.That(() => new TrainingRunOptions { Folder = "x", CheckpointTime = TimeSpan.Zero }, Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_run_leaves_its_folder_and_yields_what_happened()
    {
        using var folder = new TemporaryFolder();
        var sink = new ListSink();
        using var run = new SmallRun(folder["run"], "pixels");
        run.Run.AddSink(sink);
        TrainingEvent[] events = [.. run.Run.RunLazily()];

        Assert.Multiple(() =>
        {
            Assert.That(events.Select(happened => happened.Step.Number), Is.EqualTo(Enumerable.Range(1, 400)));
            int[] evaluations = [70, 140, 210, 280, 350, 400];
            Assert.That(StepsOf(item => item.Evaluation is not null), Is.EqualTo(evaluations));
            Assert.That(StepsOf(item => item.CheckpointSaved), Is.EqualTo(Enumerable.Range(1, 10).Select(i => i * 40)));
            Assert.That(StepsOf(item => item.Step.Learned is not null), Is.EqualTo(Enumerable.Range(61, 340)));
            Assert.That(events.Count(happened => happened.Step.Episode is not null), Is.EqualTo(run.Run.Episodes));
            Assert.That(run.Run.Returns.Count, Is.EqualTo(run.Run.Episodes));

            double best = events.Max(happened => happened.Evaluation?.Mean ?? double.NegativeInfinity);
            TrainingEvent bestEvent = events.First(happened => happened.Evaluation?.Mean == best);
            Assert.That((run.Run.Best.Mean, run.Run.Best.Step), Is.EqualTo((best, bestEvent.Step.Number)));
            Assert.That(events.Last(happened => happened.IsBest), Is.EqualTo(bestEvent));

            Assert.That(
                folder.FileNames("run"),
                Is.EqualTo(new[] { "best.pt", "history.csv", "latest.pt", "options.json", "run.lock" }));
            Assert.That(
                StateDictFile.Read(folder["run/latest.pt"])["fc.weight"].Data,
                Is.EqualTo(run.Agent.Network.GetStateDict()["fc.weight"].Data));
            Assert.That(sink.Count("episode/return"), Is.EqualTo(run.Run.Episodes));
            Assert.That(sink.Count("evaluation/p10"), Is.EqualTo(6));
            Assert.That(sink.Count("speed/steps_per_second"), Is.EqualTo(16 + 4));
        });

        string[] rows = File.ReadAllLines(folder["run/history.csv"]);
        Assert.That(rows[0], Is.EqualTo("step," + string.Join(',', run.Run.History.Columns)));
        Assert.That(rows, Has.Length.EqualTo(1 + 16 + 4)); // every 25 steps; 70, 140, 210 and 280 lie between
        string[] last = rows[^1].Split(',');
        Assert.That(last[0], Is.EqualTo("400"));
        Assert.That(double.Parse(last[6]), Is.EqualTo(events[^1].Evaluation!.Mean));
        run.Dispose();
        Assert.That(sink.Disposed, Is.True);
        Assert.That(folder.FileNames("run"), Has.No.Member("run.lock"));

        int[] StepsOf(Func<TrainingEvent, bool> where) =>
            [.. events.Where(where).Select(item => (int)item.Step.Number)];
    }

    [Test]
    public void The_options_are_recorded_with_every_start()
    {
        using var folder = new TemporaryFolder();
        Func<TrainingRunOptions, TrainingRunOptions> longer = options => options with
        {
            TotalSteps = 20,
            Settings = new JsonObject { ["optimizer"] = new JsonObject { ["learningRate"] = 0.001 } },
        };
        using (var run = new SmallRun(folder["run"], "pixels", longer))
            run.Run.RunLazily().Count();
        using (var run = new SmallRun(folder["run"], "pixels", options => longer(options) with { TotalSteps = 30 }))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.RunLazily().Count(), Is.EqualTo(10));
        }

        JsonNode document = JsonNode.Parse(File.ReadAllText(folder["run/options.json"]))!;
        Assert.Multiple(() =>
        {
            Assert.That((double)document["settings"]!["other"]!["optimizer"]!["learningRate"]!, Is.EqualTo(0.001));
            Assert.That((int)document["settings"]!["agent"]!["batchSize"]!, Is.EqualTo(8));
            Assert.That((string)document["settings"]!["environment"]!["environment"]!["kind"]!, Is.EqualTo("FrameStack"));
            JsonArray starts = document["starts"]!.AsArray();
            Assert.That(starts.Select(start => (int)start!["step"]!), Is.EqualTo(new[] { 0, 20 }));
            Assert.That(starts.Select(start => (int)start!["totalSteps"]!), Is.EqualTo(new[] { 20, 30 }));
            Assert.That((int)document["starts"]![0]!["processors"]!, Is.GreaterThan(0));
        });
    }

    [Test]
    public void A_run_with_a_time_limit_ends_with_an_evaluation_and_a_checkpoint()
    {
        using var folder = new TemporaryFolder();
        Func<TrainingRunOptions, TrainingRunOptions> atOnce = options => options with { MaxTime = TimeSpan.FromTicks(1) };
        using (var run = new SmallRun(folder["run"], "cartpole", atOnce))
        {
            TrainingEvent only = run.Run.RunLazily().Single();
            Assert.That(only.Step.Number, Is.EqualTo(1));
            Assert.That(only.Evaluation, Is.Not.Null);
            Assert.That(only.CheckpointSaved, Is.True);
            Assert.That(run.Run.TrainingTime, Is.GreaterThan(TimeSpan.Zero));
        }

        using (var run = new SmallRun(folder["run"], "cartpole", atOnce))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.TrainingTime, Is.GreaterThan(TimeSpan.Zero), "the time before counts");
            Assert.That(run.Run.RunLazily(), Is.Empty);
        }

        using (var run = new SmallRun(folder["run"], "cartpole", options => options with { MaxTime = TimeSpan.FromDays(1) }))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.RunLazily().Count(), Is.EqualTo(SmallRun.TotalSteps("cartpole") - 1));
        }

        Assert.That(
            () => new TrainingRunOptions { Folder = "x", MaxTime = TimeSpan.Zero },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("MaxTime"));
    }

    [Test]
    public void What_is_evaluated_is_what_is_kept()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "cartpole-mlp-3");
        run.Run.RunLazily().Count();
        StateDict latest = StateDictFile.Read(folder["run/latest.pt"]);
        Assert.That(run.Agent.EvaluationNetwork, Is.Not.SameAs(run.Agent.Network));
        Assert.That(
            latest["fc1.weight"].ToSingles(),
            Is.EqualTo(run.Agent.EvaluationNetwork.GetStateDict()["fc1.weight"].ToSingles()));
        Assert.That(
            latest["fc1.weight"].ToSingles(),
            Is.Not.EqualTo(run.Agent.Network.GetStateDict()["fc1.weight"].ToSingles()));
        JsonNode settings = JsonNode.Parse(File.ReadAllText(folder["run/options.json"]))!["settings"]!;
        Assert.That((int)settings["agent"]!["environments"]!, Is.EqualTo(3));
        Assert.That((double)settings["agent"]!["epsilon"]!["ladder"]!, Is.EqualTo(7));
        Assert.That((string)settings["network"]!["architecture"]!["layers"]![0]!["name"]!, Is.EqualTo("fc1"));
    }

    [Test]
    public void Other_options_are_named_on_resuming_and_change_nothing()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
            run.Run.RunLazily().Take(50).Count();

        using (var run = new SmallRun(folder["run"], "cartpole", options => options with
        {
            Seed = 4,
            MetricInterval = 26,
            CheckpointInterval = 41,
            Settings = new JsonObject { ["layers"] = 2 },
        }))
        {
            Assert.That(run.Run.Resume, Throws.InvalidOperationException.With.Message.EndsWith(
                "run.seed was 3, is 4; run.metricInterval was 25, is 26; other.layers was absent, is 2."));
            Assert.That((run.Run.Steps, run.Agent.Steps), Is.EqualTo((0L, 0L)));
        }

        using (var run = new SmallRun(folder["run"], "pixels"))
        {
            Assert.That(run.Run.Resume, Throws.InvalidOperationException
                .With.Message.Contains("environment.environment.kind was \"EpisodeStatistics\", is \"FrameStack\""));
        }
    }

    [Test]
    public void A_run_is_not_overwritten_unasked()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            Assert.That(run.Run.Resume(), Is.False);
            run.Run.RunLazily().Take(50).Count();
        }

        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            Assert.That(
                () => run.Run.RunLazily().First(), Throws.InvalidOperationException.With.Message.Contains(folder["run"]));
        }
    }

    [Test]
    public void Two_processes_do_not_train_in_one_folder()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            Assert.That(
                () => new SmallRun(folder["run"], "cartpole"),
                Throws.InstanceOf<IOException>().With.Message.Contains(folder["run"]));
        }

        using (var run = new SmallRun(folder["run"], "cartpole"))
            Assert.That(run.Run.RunLazily().Take(5).Count(), Is.EqualTo(5));
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_an_error()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        Assert.That(
            () => new SmallRun(folder["file/run"], "cartpole"),
            Throws.InstanceOf<IOException>().With.Message.Contains("file"));
    }

    [Test]
    public void A_finished_run_resumed_has_nothing_to_do()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "cartpole"))
            run.Run.RunLazily().Count();
        string remains = SmallRun.Remains(folder["run"]);
        using (var run = new SmallRun(folder["run"], "cartpole"))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.RunLazily(), Is.Empty);
            Assert.That(run.Run.Steps, Is.EqualTo(400));
        }

        Assert.That(SmallRun.Remains(folder["run"]), Is.EqualTo(remains));
    }

    [Test]
    public void A_damaged_checkpoint_is_logged_and_the_previous_one_used()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "pixels"))
            run.Run.RunLazily().Take(130).Count();
        string part = folder.FileNames("run/checkpoints")
            .Last(name => name.StartsWith("loop.", StringComparison.Ordinal));
        File.WriteAllBytes(Path.Combine(folder["run/checkpoints"], part), []);

        var logger = new WarningLogger();
        using (var run = new SmallRun(folder["run"], "pixels", logger: logger))
        {
            Assert.That(run.Run.Resume(), Is.True);
            Assert.That(run.Run.Steps, Is.EqualTo(80));
            Assert.That(logger.Warnings, Has.Count.EqualTo(1));
            Assert.That(logger.Warnings[0], Does.Contain(part));
            run.Run.RunLazily().Count();
        }

        using var other = new TemporaryFolder();
        using (var run = new SmallRun(other["run"], "pixels"))
            run.Run.RunLazily().Count();
        Assert.That(SmallRun.Remains(folder["run"]), Is.EqualTo(SmallRun.Remains(other["run"])));
    }

    [Test]
    public void Altered_content_under_fitting_checksums_is_refused_or_read_but_never_more()
    {
        using var folder = new TemporaryFolder();
        using (var run = new SmallRun(folder["run"], "pixels"))
            run.Run.RunLazily().Take(90).Count();
        Checkpoint checkpoint = new CheckpointStore(folder["run/checkpoints"]).Load()!;
        var contents = new Dictionary<string, byte[]>();
        foreach (string name in checkpoint.Names)
            checkpoint.Read(name, reader => contents.Add(name, reader.ReadBytes((int)reader.BaseStream.Length)));

        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            string altered = contents.Keys.ElementAt(random.Next(contents.Count));
            byte[] bytes = [.. contents[altered]];
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            else
                bytes[random.Next(Math.Min(bytes.Length, 200))] ^= (byte)random.Next(1, 256);
            Directory.Delete(folder["run/checkpoints"], recursive: true);
            new CheckpointStore(folder["run/checkpoints"]).Save(80, [.. contents.Select(pair =>
                new CheckpointSection(pair.Key, writer => writer.Write(pair.Key == altered ? bytes : pair.Value)))]);

            using var run = new SmallRun(folder["run"], "pixels");
            try
            {
                run.Run.Resume();
            }
            catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
            {
                refused++;
                Assert.That(
                    exception,
                    Is.InstanceOf<InvalidOperationException>()
                        .Or.Message.Contains($"{altered}.000001.part").Or.Message.Contains("replay-00000"));
            }
        }

        Assert.That(refused, Is.GreaterThan(200));
    }

    [Test]
    public void A_checkpoint_writes_only_the_replay_segments_that_changed()
    {
        using var folder = new TemporaryFolder();

        // Frames of 256 KiB: a segment holds 32 of them.
        using var environment = new PixelChase(true, width: 1 << 17);
        using var agent = new DqnAgent(
            new LinearQNetwork(1 << 18, 3, pixels: true, 1), environment.Spec,
            new DqnOptions { WarmupSteps = 1000, BufferCapacity = 128 }, 1);
        using var run = new TrainingRun(
            new TrainingRunOptions
            {
                Folder = folder["run"],
                TotalSteps = 100,
                EvaluationInterval = 1000,
                CheckpointInterval = 25,
            },
            agent, environment, new Evaluator(new PixelChase(true, 1 << 17), new EvaluationOptions { Episodes = 1 }));
        var written = new List<string>();
        foreach (TrainingEvent happened in run.RunLazily())
        {
            if (happened.CheckpointSaved)
            {
                string number = $".{happened.Step.Number / 25:D6}.part";
                written.Add(string.Join(' ', folder.FileNames("run/checkpoints")
                    .Where(name => name.StartsWith("replay", StringComparison.Ordinal))
                    .Where(name => name.EndsWith(number, StringComparison.Ordinal))
                    .Select(name => name[..^number.Length])));
            }
        }

        // Each episode's end takes a place beside its transitions, so the places run ahead of the steps.
        long places = 100 + run.Episodes + 1;
        Assert.That(places, Is.InRange(97, 128));
        Assert.That(written, Is.EqualTo(new[]
        {
            "replay-00000", "replay-00000 replay-00001", "replay-00001 replay-00002", "replay-00002 replay-00003",
        }));
    }

    [Test]
    public void An_environment_is_checked_before_the_first_step_where_asked_for()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(
            folder["run"], "cartpole", options => options with { Conformance = () => new PixelChase(true) });
        Assert.That(
            () => run.Run.Run(), Throws.TypeOf<EnvironmentConformanceException>().With.Message.Contains("Observe before"));
        Assert.That(run.Run.Steps, Is.Zero);
        using var sound = new SmallRun(
            folder["sound"], "cartpole",
            options => options with { TotalSteps = 5, Conformance = () => SmallRun.Make("cartpole") });
        sound.Run.Run();
        Assert.That(sound.Run.Steps, Is.EqualTo(5));
    }

    [Test]
    public void Options_are_checked()
    {
        var options = new TrainingRunOptions { Folder = "x" };
        Assert.Multiple(() =>
        {
            Assert.That(() => options with { Folder = "" }, Throws.ArgumentException);
            Refuses(() => options with { TotalSteps = 0 }, "TotalSteps");
            Refuses(() => options with { EvaluationInterval = 0 }, "EvaluationInterval");
            Refuses(() => options with { CheckpointInterval = -1 }, "CheckpointInterval");
            Refuses(() => options with { MetricInterval = 0 }, "MetricInterval");
            Refuses(() => options with { WeightsExtension = ".onnx" }, ".onnx");
        });

        static void Refuses(Func<TrainingRunOptions> change, string named) =>
            Assert.That(change, Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(named));
    }

    [Test]
    public void Metadata_that_the_weights_would_lose_are_refused()
    {
        using var folder = new TemporaryFolder();
        var metadata = ImmutableDictionary<string, string>.Empty.Add("trained", "for long");
        Assert.That(
            () => new SmallRun(folder["run"], "cartpole", options => options with { WeightsMetadata = metadata }),
            Throws.ArgumentException.With.Message.Contains("set WeightsExtension to '.safetensors'"));
        Assert.That(Directory.Exists(folder["run"]), Is.False);
    }

    [Test]
    public void The_settings_that_are_compared_are_all_that_there_are()
    {
        using DqnAgent agent = DqnAgent.Create(new CartPoleEnvironment().Spec, new DqnOptions(), 1);
        JsonNode settings = RunSettings.Describe(
            new TrainingRunOptions { Folder = "x" }, agent, new Evaluator(new CartPoleEnvironment()),
            ((IEnvironment)new CartPoleEnvironment()).Describe());
        Assert.Multiple(() =>
        {
            Covers(settings["agent"]!, typeof(DqnOptions), "network", "architecture", "cacheTargetValues");
            Covers(settings["agent"]!["epsilon"]!, typeof(EpsilonSchedule));
            Covers(settings["evaluation"]!, typeof(EvaluationOptions), "maxSteps");
            Covers(settings["network"]!["learning"]!, typeof(QNetworkOptions), "threads", "instructionSet");
            Covers(settings["network"]!["learning"]!["optimizer"]!, typeof(RmsPropOptions));
            Assert.That((string)settings["network"]!["parameters"]!["fc1.weight"]!, Is.EqualTo("[128, 4]"));
        });

        static void Covers(JsonNode node, Type type, params string[] except) => Assert.That(
            node.AsObject().Select(pair => pair.Key).Except(["kind", "environment"]),
            Is.EquivalentTo(type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
                .Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).Except(except)));
    }

    [Test]
    public void A_step_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using var run = new SmallRun(folder["run"], "pixels", options => options with
        {
            TotalSteps = 100_000,
            MetricInterval = 50_000,
            EvaluationInterval = 50_000,
            CheckpointInterval = 50_000,
        });
        using IEnumerator<TrainingEvent> events = run.Run.RunLazily().GetEnumerator();
        for (int i = 0; i < 2000; i++)
            events.MoveNext();
        long before = GC.GetAllocatedBytesForCurrentThread();
        long seeds = ((PixelChase)Innermost(run.Environment)).Seeds.Capacity;
        for (int i = 0; i < 1000; i++)
            events.MoveNext();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long list = ((PixelChase)Innermost(run.Environment)).Seeds.Capacity == seeds ? 0 : 16 * 2 * seeds + 100;
        Assert.That(allocated, Is.LessThanOrEqualTo(list));

        static IEnvironment Innermost(IEnvironment environment) =>
            environment is EnvironmentWrapper wrapper ? Innermost(wrapper.Inner) : environment;
    }

    private sealed class ListSink : IMetricSink
    {
        private readonly List<(string Name, long Step, double Value)> _metrics = [];

        public bool Disposed { get; private set; }

        public int Count(string name) => _metrics.Count(metric => metric.Name == name);

        public void Write(string name, long step, double value) => _metrics.Add((name, step, value));

        public void Flush()
        {
        }

        public void Dispose() => Disposed = true;
    }
}
