using Dqn.Files;
using Dqn.Tests.Training;

namespace Dqn.Tests.Files;

public class DiskTests
{
    [Test]
    public void What_was_written_is_flushed_without_a_word()
    {
        using var folder = new TemporaryFolder();
        using var file = new FileStream(folder["a"], FileMode.CreateNew);
        file.Write("content"u8);
        Disk.Flush(file);
        Disk.FlushFolder(folder.Path);
        Assert.That(new FileInfo(folder["a"]).Length, Is.EqualTo(7));
    }

    // The system refuses to synchronise a device that has no disk: the simplest fsync that fails.
    [Test]
    [Platform(Exclude = "Win")]
    public void An_fsync_that_fails_is_an_error_that_names_file_and_reason()
    {
        using var file = new FileStream("/dev/null", FileMode.Open, FileAccess.Write);
        Assert.That(() => file.Flush(flushToDisk: true), Throws.Nothing, ".NET says nothing: no more need of Disk?");
        Assert.That(() => Disk.Flush(file), Throws.TypeOf<IOException>()
            .With.Message.Contains("/dev/null").And.Message.Contains("Invalid argument"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void A_folder_that_is_not_there_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        Assert.That(() => Disk.FlushFolder(folder["nowhere"]), Throws.TypeOf<IOException>()
            .With.Message.Contains(folder["nowhere"]).And.Message.Contains("No such file"));
    }

    [Test]
    public void A_folder_is_created_with_its_parents_and_may_be_there_already()
    {
        using var folder = new TemporaryFolder();
        Disk.CreateFolder(folder["a/b/c/"]);
        Disk.CreateFolder(folder["a/b/c"]);
        Assert.That(Directory.Exists(folder["a/b/c"]), Is.True);
        Disk.CreateFolder(Path.GetPathRoot(folder.Path)!);
        File.WriteAllText(folder["file"], "");
        Assert.That(() => Disk.CreateFolder(folder["file/a"]), Throws.InstanceOf<IOException>());
    }
}
