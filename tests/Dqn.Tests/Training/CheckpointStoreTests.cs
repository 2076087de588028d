using Dqn.Files;
using Dqn.Training;

namespace Dqn.Tests.Training;

public class CheckpointStoreTests
{
    [Test]
    public void What_is_saved_is_loaded()
    {
        using var folder = new TemporaryFolder();
        new CheckpointStore(folder["checkpoints"]).Save(42, Sections("a", 1, 2));

        Checkpoint checkpoint = new CheckpointStore(folder["checkpoints"]).Load()!;

        Assert.Multiple(() =>
        {
            Assert.That(checkpoint.Step, Is.EqualTo(42));
            Assert.That(checkpoint.Names, Is.EqualTo(new[] { "agent", "replay-0", "replay-1" }));
            Assert.That(checkpoint.Damage, Is.Empty);
            Assert.That(checkpoint.Contains("environment"), Is.False);
            Assert.That(Contents(checkpoint), Is.EqualTo("a,1,2"));
        });
    }

    [Test]
    public void A_folder_without_checkpoints_gives_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["notes.txt"], "not ours");
        Assert.Multiple(() =>
        {
            Assert.That(new CheckpointStore(folder["nowhere"]).Load(), Is.Null);
            Assert.That(new CheckpointStore(folder.Path).Load(), Is.Null);
            Assert.That(new CheckpointStore(folder.Path).HasCheckpoint, Is.False);
        });
    }

    [Test]
    public void Only_changed_parts_are_written_again_and_two_checkpoints_are_kept()
    {
        using var folder = new TemporaryFolder();
        var written = new List<string>();
        var store = new CheckpointStore(folder.Path, written.Add);

        store.Save(1, Sections("a", 1, 1));
        store.Save(2, Sections("b", 1, 2));
        written.Clear();
        store.Save(3, Sections("c", 1, 3));

        string[] renamed =
        [
            .. written.Where(step => step.StartsWith("rename to ", StringComparison.Ordinal))
                .Select(step => Path.GetFileName(step)),
        ];
        Assert.Multiple(() =>
        {
            Assert.That(renamed, Is.EqualTo(new[]
            {
                "agent.000003.part", "replay-1.000003.part", "checkpoint-000003.manifest",
            }));
            Assert.That(folder.FileNames(), Is.EqualTo(new[]
            {
                "agent.000002.part", "agent.000003.part", "checkpoint-000002.manifest", "checkpoint-000003.manifest",
                "replay-0.000001.part", "replay-1.000002.part", "replay-1.000003.part",
            }));
        });
    }

    [Test]
    public void A_loaded_checkpoints_unchanged_parts_are_kept_too_but_not_those_of_another_run()
    {
        using var folder = new TemporaryFolder();
        new CheckpointStore(folder.Path).Save(1, Sections("a", 1, 1));

        var resumed = new CheckpointStore(folder.Path);
        resumed.Load();
        resumed.Save(2, Sections("b", 1, 2));
        Assert.That(folder.FileNames(), Has.No.Member("replay-0.000002.part").And.Member("replay-1.000002.part"));

        new CheckpointStore(folder.Path).Save(3, Sections("c", 1, 2, content: "other run"));
        Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("c,other run1,other run2"));
    }

    [Test]
    public void Wherever_the_process_stops_the_old_checkpoint_or_the_new_one_loads()
    {
        int oldOnes = 0, newOnes = 0, steps = int.MaxValue;
        for (int stopAt = 0; stopAt <= steps; stopAt++)
        {
            using var folder = new TemporaryFolder();
            int step = -1;
            var store = new CheckpointStore(folder.Path, _ =>
            {
                // Nothing more reaches the disk, the cleaning up neither.
                if (step >= 0 && step++ >= stopAt)
                    throw new IOException("The process is gone.");
            });
            store.Save(1, Sections("a", 1, 1));
            store.Save(2, Sections("b", 1, 2));
            step = 0;
            bool stopped = false;
            try
            {
                store.Save(3, Sections("c", 2, 2));
            }
            catch (IOException)
            {
                stopped = true;
            }

            steps = step <= stopAt ? stopAt - 1 : int.MaxValue;

            var next = new CheckpointStore(folder.Path);
            Checkpoint checkpoint = next.Load()!;
            (oldOnes, newOnes) = checkpoint.Step == 2 ? (oldOnes + 1, newOnes) : (oldOnes, newOnes + 1);
            string expected = checkpoint.Step == 2 ? "b,1,2" : "c,2,2";
            Assert.That(Contents(checkpoint), Is.EqualTo(expected), $"stopped at {stopAt}");
            Assert.That(checkpoint.Damage, Is.Empty);
            if (!stopped)
                Assert.That(checkpoint.Step, Is.EqualTo(3));

            // And the run goes on from there, leaving nothing behind.
            next.Save(4, Sections("d", 3, 3));
            Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("d,3,3"));
            Assert.That(folder.FileNames(), Has.None.EndsWith(".tmp").And.Length.LessThanOrEqualTo(8));
        }

        Assert.That(oldOnes, Is.GreaterThan(8));
        Assert.That(newOnes, Is.GreaterThan(1));
    }

    [Test]
    public void A_full_disk_leaves_the_folder_as_it_was()
    {
        for (int stopAt = 0; stopAt < 3; stopAt++)
        {
            using var folder = new TemporaryFolder();
            int writes = -1;
            var store = new CheckpointStore(folder.Path, step =>
            {
                if (writes >= 0 && step.StartsWith("write", StringComparison.Ordinal) && writes++ >= stopAt)
                    throw new IOException("No space left on device");
            });
            store.Save(1, Sections("a", 1, 1));
            store.Save(2, Sections("b", 2, 2));
            string[] before = folder.FileNames();

            writes = 0;
            Assert.That(() => store.Save(3, Sections("c", 3, 3)), Throws.InstanceOf<IOException>());

            Assert.That(folder.FileNames(), Is.EqualTo(before));
            Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("b,2,2"));
            writes = -1;
            store.Save(4, Sections("d", 2, 4));
            Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("d,2,4"));
        }
    }

    [Test]
    public void Nothing_older_goes_before_what_is_newer_lies_on_the_disk()
    {
        using var folder = new TemporaryFolder();
        var steps = new List<string>();
        var store = new CheckpointStore(folder.Path, step => steps.Add(step.Replace(folder.Path, "", StringComparison.Ordinal)));
        store.Save(1, Sections("a", 1, 1));
        store.Save(2, Sections("b", 2, 2));
        steps.Clear();
        store.Save(3, Sections("c", 3, 3));

        string manifest = "rename to " + Path.DirectorySeparatorChar + "checkpoint-000003.manifest";
        int renamed = steps.IndexOf(manifest);
        int[] parts = Places(step => step.StartsWith("rename to", StringComparison.Ordinal) && step.EndsWith(".part", StringComparison.Ordinal));
        int[] folders = Places(step => step.StartsWith("flush folder", StringComparison.Ordinal));
        int[] deletions = Places(step => step.StartsWith("delete", StringComparison.Ordinal));
        int[] flushes = Places(step => step.StartsWith("flush ", StringComparison.Ordinal) && step.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(parts, Has.Length.EqualTo(3));
            Assert.That(flushes, Has.Length.EqualTo(4), "each file before its name");
            Assert.That(parts.Append(renamed).Zip(flushes), Has.All.Matches<(int Rename, int Flush)>(
                pair => pair.Flush == pair.Rename - 1));

            // Parts, their names, manifest, its name, then manifests that go, then their parts.
            Assert.That(folders, Has.Length.EqualTo(3));
            Assert.That(folders[0], Is.InRange(parts[^1] + 1, renamed - 1));
            Assert.That(folders[1], Is.InRange(renamed + 1, deletions[0] - 1));
            Assert.That(folders[2], Is.InRange(deletions[0] + 1, deletions[1] - 1));
            Assert.That(steps[deletions[0]], Does.EndWith("checkpoint-000001.manifest"));
            Assert.That(deletions.Skip(1).Select(place => steps[place]), Has.All.EndsWith(".000001.part"));
        });

        int[] Places(Func<string, bool> which) => [.. steps.Index().Where(step => which(step.Item)).Select(step => step.Index)];
    }

    [Test]
    public void A_checkpoint_whose_name_may_not_be_on_the_disk_is_not_announced_but_stays()
    {
        using var folder = new TemporaryFolder();
        int folders = int.MinValue;
        var store = new CheckpointStore(folder.Path, step =>
        {
            if (step.StartsWith("flush folder", StringComparison.Ordinal) && ++folders == 2)
                throw new IOException("Input/output error");
        });
        store.Save(1, Sections("a", 1, 1));
        store.Save(2, Sections("b", 2, 2));
        folders = 0;
        Assert.That(() => store.Save(3, Sections("c", 3, 3)), Throws.TypeOf<IOException>());

        Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("c,3,3"));
        File.Delete(folder["checkpoint-000003.manifest"]); // as after a power loss
        Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("b,2,2"));
    }

    [Test]
    public void A_file_that_may_not_be_read_does_not_hide_the_checkpoint_before()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("a", 1, 1));
        store.Save(2, Sections("b", 2, 2));

        // What a right denied gives even to whoever may read everything: a folder, opened as a file.
        File.Delete(folder["agent.000002.part"]);
        Directory.CreateDirectory(folder["agent.000002.part"]);

        Checkpoint checkpoint = new CheckpointStore(folder.Path).Load()!;
        Assert.That(Contents(checkpoint), Is.EqualTo("a,1,1"));
        Assert.That(checkpoint.Damage.Single(), Does.Contain("agent.000002.part"));
    }

    [Test]
    public void Another_versions_manifest_is_named_as_such()
    {
        using var folder = new TemporaryFolder();
        new CheckpointStore(folder.Path).Save(1, Sections("a", 1, 1));
        byte[] manifest = File.ReadAllBytes(folder["checkpoint-000001.manifest"]);
        manifest[8] = 1;
        File.WriteAllBytes(folder["checkpoint-000001.manifest"], manifest);
        Assert.That(() => new CheckpointStore(folder.Path).Load(), Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("expected format 2, got 1"));
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        string path = Path.Combine(folder["file"], "checkpoints");
        Assert.That(
            () => new CheckpointStore(path).Save(1, Sections("a", 1, 1)),
            Throws.InstanceOf<IOException>().With.Message.Contains(path));
    }

    [Test]
    public void A_section_that_fails_leaves_the_last_checkpoint()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("a", 1, 1));
        string[] before = folder.FileNames();
        CheckpointSection failing = new("zz", _ => throw new InvalidOperationException("broken"));
        Assert.That(() => store.Save(2, [.. Sections("b", 2, 2), failing]), Throws.InvalidOperationException);
        Assert.That(folder.FileNames(), Is.EqualTo(before));
    }

    [Test]
    public void The_previous_checkpoint_takes_the_place_of_a_damaged_one_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("a", 1, 1));
        store.Save(2, Sections("b", 1, 2));
        using (var file = File.OpenWrite(folder["agent.000002.part"]))
            file.SetLength(1);

        var next = new CheckpointStore(folder.Path);
        Checkpoint checkpoint = next.Load()!;
        Assert.Multiple(() =>
        {
            Assert.That(Contents(checkpoint), Is.EqualTo("a,1,1"));
            Assert.That(checkpoint.Damage, Has.Count.EqualTo(1));
            Assert.That(checkpoint.Damage[0], Does.Contain("agent.000002.part").And.Contain("expected 2 bytes, got 1"));
        });

        next.Save(3, Sections("c", 1, 3));
        Assert.That(folder.FileNames().Where(name => name.StartsWith("checkpoint", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "checkpoint-000001.manifest", "checkpoint-000003.manifest" }));
        Assert.That(Contents(new CheckpointStore(folder.Path).Load()!), Is.EqualTo("c,1,3"));
    }

    [Test]
    public void Thousands_of_mutations_give_the_previous_checkpoint_or_name_the_file()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("first", 1, 1));
        store.Save(2, Sections("second", 2, 2));
        string[] names = folder.FileNames();
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            string name = names[random.Next(names.Length)];
            byte[] original = File.ReadAllBytes(folder[name]);
            byte[] mutated = Mutate(original, random);
            File.WriteAllBytes(folder[name], mutated);
            Checkpoint checkpoint = new CheckpointStore(folder.Path).Load()!;

            bool newest = name.Contains("000002", StringComparison.Ordinal);
            bool same = mutated.AsSpan().SequenceEqual(original);
            Assert.That(Contents(checkpoint), Is.EqualTo(newest && !same ? "first,1,1" : "second,2,2"), name);
            Assert.That(checkpoint.Damage, Has.Count.EqualTo(newest && !same ? 1 : 0));
            if (checkpoint.Damage.Count > 0)
                Assert.That(checkpoint.Damage[0], Does.Contain(name));
            File.WriteAllBytes(folder[name], original);
        }

        foreach (string name in names.Where(name => name.StartsWith("checkpoint", StringComparison.Ordinal)))
            File.WriteAllBytes(folder[name], [1, 2, 3]);
        Assert.That(() => new CheckpointStore(folder.Path).Load(), Throws.InstanceOf<InvalidDataException>()
            .With.Message.Contains("checkpoint-000001.manifest").And.Message.Contains("checkpoint-000002.manifest"));
    }

    [Test]
    public void A_manifest_whose_checksum_fits_is_still_not_believed()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("a", 1, 1));
        string path = folder["checkpoint-000001.manifest"];
        byte[] original = File.ReadAllBytes(path);
        var random = new Random(6);
        for (int i = 0; i < 3000; i++)
        {
            // Somebody alters it and puts a fitting checksum under it.
            byte[] content = Mutate(original[..^8], random);
            File.WriteAllBytes(path, [.. content, .. BitConverter.GetBytes(XxHash64.Of(content))]);
            try
            {
                Checkpoint checkpoint = new CheckpointStore(folder.Path).Load()!;
                Assert.That(checkpoint.Names.Count(), Is.LessThanOrEqualTo(3));
            }
            catch (InvalidDataException exception)
            {
                Assert.That(exception.Message, Does.Contain(folder.Path));
            }
        }
    }

    [Test]
    public void A_part_is_read_whole_or_refused()
    {
        using var folder = new TemporaryFolder();
        var store = new CheckpointStore(folder.Path);
        store.Save(1, Sections("a", 1, 1));
        Checkpoint checkpoint = store.Load()!;
        Assert.Multiple(() =>
        {
            Assert.That(() => checkpoint.Read("agent", _ => { }), Throws.InstanceOf<InvalidDataException>()
                .With.Message.Contains("agent.000001.part"));
            Assert.That(
                () => checkpoint.Read("agent", reader => reader.ReadInt64()), Throws.InstanceOf<InvalidDataException>()
                .With.Message.Contains("agent.000001.part"));
            Assert.That(() => checkpoint.Read("wheels", _ => { }), Throws.InstanceOf<InvalidDataException>()
                .With.Message.Contains("wheels").And.Message.Contains("agent"));
        });
    }

    [TestCase("")]
    [TestCase("../up")]
    [TestCase("Agent")]
    public void A_sections_name_is_a_file_name(string name) =>
        Assert.That(() => new CheckpointSection(name, _ => { }), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Two_sections_of_one_name_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new CheckpointStore(folder.Path).Save(1, [.. Sections("a", 1, 1), .. Sections("b", 1, 1)]),
            Throws.ArgumentException.With.Message.Contains("agent"));
    }

    private static CheckpointSection[] Sections(string agent, long version0, long version1, string content = "") =>
    [
        new("agent", writer => writer.Write(agent)),
        new("replay-0", writer => writer.Write(content + version0), version0),
        new("replay-1", writer => writer.Write(content + version1), version1),
    ];

    private static string Contents(Checkpoint checkpoint)
    {
        var contents = new List<string>();
        foreach (string name in checkpoint.Names)
            checkpoint.Read(name, reader => contents.Add(reader.ReadString()));
        return string.Join(',', contents);
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        switch (random.Next(4))
        {
            case 0:
                return [.. bytes[..random.Next(bytes.Count)]];
            case 1:
                bytes.Insert(random.Next(bytes.Count + 1), (byte)random.Next(256));
                break;
            case 2:
                bytes.RemoveRange(random.Next(bytes.Count), 1);
                break;
            default:
                for (int i = random.Next(1, 4); i > 0; i--)
                    bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
                break;
        }

        return [.. bytes];
    }
}
