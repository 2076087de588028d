using System.Text;
using Dqn.Files;
using Dqn.Tests.Training;

namespace Dqn.Tests.Files;

public class ReplacingFileTests
{
    [Test]
    public void A_file_appears_whole_and_replaces_another()
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], "first");
        using (var file = new ReplacingFile(folder["a"]))
        {
            file.Stream.Write("second"u8);
            file.Stream.Flush();
            Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("first"));
            file.Commit();
        }

        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("second"));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void Content_then_name_then_folder_reach_the_disk_in_this_order()
    {
        using var folder = new TemporaryFolder();
        var steps = new List<string>();
        using (var file = new ReplacingFile(folder["a"], beforeStep: steps.Add))
        {
            file.Stream.Write("content"u8);
            file.Commit();
            Assert.That(steps, Is.EqualTo(new[]
            {
                $"create {file.TemporaryPath}", $"flush {file.TemporaryPath}", $"rename to {folder["a"]}",
                $"flush folder {folder.Path}",
            }));
        }
    }

    [TestCase("create", "old")]
    [TestCase("flush /", "old")]
    [TestCase("rename", "old")]
    [TestCase("flush folder", "new")]
    public void A_step_that_fails_leaves_the_old_file_or_the_new_one_and_nothing_else(string failing, string left)
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], "old");
        Assert.That(
            () =>
            {
                using var file = new ReplacingFile(folder["a"], beforeStep: step =>
                {
                    if (step.Replace('\\', '/').StartsWith(failing, StringComparison.Ordinal) || step.StartsWith(failing + "C:"))
                        throw new IOException("the disk is broken");
                });
                file.Stream.Write("new"u8);
                file.Commit();
            },
            Throws.TypeOf<IOException>().With.Message.EqualTo("the disk is broken"));
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo(left));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void A_symbolic_link_stays_and_the_file_it_names_is_replaced()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["elsewhere"]);
        Write(folder["elsewhere/file"], "old");
        File.CreateSymbolicLink(folder["elsewhere/inner"], "file");
        File.CreateSymbolicLink(folder["link"], Path.Combine("elsewhere", "inner"));

        Write(folder["link"], "new");

        Assert.That(new FileInfo(folder["link"]).LinkTarget, Is.EqualTo(Path.Combine("elsewhere", "inner")));
        Assert.That(new FileInfo(folder["elsewhere/inner"]).LinkTarget, Is.EqualTo("file"));
        Assert.That(File.ReadAllText(folder["elsewhere/file"]), Is.EqualTo("new"));
        Assert.That(folder.FileNames("elsewhere"), Is.EqualTo(new[] { "file", "inner" }));
    }

    [Test]
    public void A_link_to_nothing_yet_makes_the_file_it_names()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["link"], "file");
        Write(folder["link"], "new");
        Assert.That(new FileInfo(folder["link"]).LinkTarget, Is.EqualTo("file"));
        Assert.That(File.ReadAllText(folder["file"]), Is.EqualTo("new"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_link_that_goes_up_goes_up_from_where_it_lies()
    {
        // run -> real/run; run/best is ../models/best: that is real/models, not models.
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["real/run"]);
        Directory.CreateDirectory(folder["real/models"]);
        Directory.CreateSymbolicLink(folder["run"], folder["real/run"]);
        File.CreateSymbolicLink(folder["real/run/best"], "../models/best");
        Write(folder["run/best"], "new");
        Assert.That(File.ReadAllText(folder["real/models/best"]), Is.EqualTo("new"));
    }

    [Test]
    public void Links_in_a_circle_are_an_error()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["a"], "b");
        File.CreateSymbolicLink(folder["b"], "a");
        Assert.That(() => Write(folder["a"], ""), Throws.TypeOf<IOException>().With.Message.Contains("circle"));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_replaced_files_mode_stays([Values(0x180, 0x1B4, 0x124)] int mode) // 600, 664, 444
    {
        using var folder = new TemporaryFolder();
        Write(folder["a"], "old");
        File.SetUnixFileMode(folder["a"], (UnixFileMode)mode);
        using (var file = new ReplacingFile(folder["a"]))
        {
            UnixFileMode meanwhile = File.GetUnixFileMode(file.TemporaryPath);
            Assert.That((int)meanwhile & 0x3F & ~mode, Is.Zero, "open to others than the file is");
            file.Stream.Write("new"u8);
            file.Commit();
        }

        Assert.That((int)File.GetUnixFileMode(folder["a"]), Is.EqualTo(mode));
        Assert.That(File.ReadAllText(folder["a"]), Is.EqualTo("new"));
    }

    [Test]
    public void Names_are_as_long_as_the_file_system_allows()
    {
        using var folder = new TemporaryFolder();
        string longest = OperatingSystem.IsWindows() ? new string('n', 200) : string.Concat(Enumerable.Repeat("夢", 85));
        Write(folder[longest], "new");
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { longest }));
        Assert.That(
            () => new ReplacingFile(folder[new string('n', 256)]),
            Throws.InstanceOf<IOException>().With.Message.Contains("256"));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { longest }));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_pipe_is_written_straight_and_stays_a_pipe()
    {
        using var folder = new TemporaryFolder();
        MakePipe(folder["pipe"]);
        Task<string> read = Task.Run(() => File.ReadAllText(folder["pipe"]));
        Write(folder["pipe"], "through");
        Assert.That(read.Result, Is.EqualTo("through"));

        read = Task.Run(() => File.ReadAllText(folder["pipe"]));
        Write(folder["pipe"], "again");
        Assert.That(read.Result, Is.EqualTo("again"));
        Assert.That(folder.FileNames(), Is.EqualTo(new[] { "pipe" }));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_writer_that_goes_back_is_refused_a_pipe_at_once()
    {
        using var folder = new TemporaryFolder();
        MakePipe(folder["film.png"]);
        Task<string> read = Task.Run(() => File.ReadAllText(folder["film.png"]));
        Assert.That(
            () => new Dqn.Media.AnimatedPngSink(folder["film.png"], 2, 2, 10),
            Throws.TypeOf<IOException>().With.Message.Contains("pipe").And.Message.Contains("Name a file"));
        Assert.That(read.Result, Is.Empty);
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_device_is_written_straight_through_a_link_too()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["link"], "/dev/null");
        foreach (string path in new[] { "/dev/null", folder["link"] })
        {
            using FileStream? straight = FileTarget.Find(path).Straight;
            Assert.That(straight?.Name, Is.EqualTo("/dev/null"));
        }
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_processs_own_open_file_is_written_on_not_replaced()
    {
        // As /dev/stdout is, when the shell sends it to a file.
        using var folder = new TemporaryFolder();
        using var open = new FileStream(folder["output"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        open.Write("printed before\n"u8);
        Write($"/dev/fd/{open.SafeFileHandle.DangerousGetHandle()}", "written\n");

        open.Position = 0;
        Assert.That(new StreamReader(open).ReadToEnd(), Is.EqualTo("printed before\nwritten\n"));
    }

    [Test]
    [Platform("Linux")]
    public void A_full_disk_is_an_error() =>
        Assert.That(() => Write("/dev/full", "content"), Throws.TypeOf<IOException>().With.Message.Contains("No space left"));

    [Test]
    public void What_stopped_processes_left_goes_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string left;
        using (var file = new ReplacingFile(folder["a"]))
        {
            left = file.TemporaryPath;
            file.Stream.Write("half"u8);
            file.CloseStream();
            File.Copy(left, folder["copy"]);
        }

        File.Move(folder["copy"], left);
        string[] others = [".dqn-mine.tmp", ".tmp", "dqn.tmp", ".dqn-.tmp"];
        foreach (string other in others)
            File.WriteAllText(folder[other], "");
        ReplacingFile.DeleteUnfinished(folder.Path);
        Assert.That(folder.FileNames(), Is.EquivalentTo(others));
    }

    private static void Write(string path, string text) =>
        ReplacingFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static void MakePipe(string path)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", path);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }
}
