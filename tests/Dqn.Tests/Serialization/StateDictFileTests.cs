using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Tests.Serialization;

public class StateDictFileTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("dqn").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("m.pt")]
    [TestCase("m.PTH")]
    [TestCase("m.safetensors")]
    public void Writes_by_extension_and_reads_by_content(string name)
    {
        string path = Path.Combine(_folder, name);
        StateDictFile.Write(path, StateDicts.Mixed());
        StateDicts.AssertEqual(StateDictFile.Read(path), StateDicts.Mixed(), inOrder: false);
        string renamed = Path.Combine(_folder, "anything");
        File.Move(path, renamed);
        StateDicts.AssertEqual(StateDictFile.Read(renamed), StateDicts.Mixed(), inOrder: false);
    }

    [Test]
    public void Reads_the_legacy_format() => StateDicts.AssertEqual(
        StateDictFile.Read(GoldenFiles.PathOf("learning/mixed-state-dict-legacy.pt")), StateDicts.Mixed());

    [Test]
    public void Other_formats_are_named()
    {
        string path = Path.Combine(_folder, "m.onnx");
        Assert.That(() => StateDictFile.Write(path, []), Throws.ArgumentException
            .With.Message.Contains(".pt, .pth or .safetensors").And.Message.Contains("m.onnx"));
        foreach (string content in new[] { "", "PK", "{\"a\": 1}", "\u0080\u0002}.", "a rather long text" })
        {
            File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(content));
            Assert.That(() => StateDictFile.Read(path), Throws.TypeOf<InvalidDataException>(), content);
        }

        Assert.That(() => StateDictFile.Read(Path.Combine(_folder, "none")), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void Writing_replaces_the_file_and_leaves_nothing_beside_it()
    {
        string path = Path.Combine(_folder, "m.pt");
        StateDictFile.Write(path, StateDicts.Mixed());
        StateDictFile.Write(path, StateDicts.Small());
        StateDicts.AssertEqual(StateDictFile.Read(path), StateDicts.Small());
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void A_failed_write_leaves_the_old_file()
    {
        string path = Path.Combine(_folder, "m.pt");
        StateDictFile.Write(path, StateDicts.Small());
        var wrong = new StateDict { { "a", Tensor.FromSingles([1]) }, { "\ud800", Tensor.FromSingles([1]) } };
        Assert.That(() => StateDictFile.Write(path, wrong), Throws.ArgumentException);
        Assert.That(
            () => ReplacingFile.Write(path, stream =>
            {
                stream.Write(new byte[200_000]);
                throw new IOException("No space left on device");
            }),
            Throws.TypeOf<IOException>());
        StateDicts.AssertEqual(StateDictFile.Read(path), StateDicts.Small());
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void An_unwritable_place_is_an_error_and_leaves_nothing()
    {
        string missing = Path.Combine(_folder, "missing", "m.pt");
        Assert.That(() => StateDictFile.Write(missing, []), Throws.TypeOf<DirectoryNotFoundException>());
        string directory = Directory.CreateDirectory(Path.Combine(_folder, "d.pt")).FullName;
        Assert.That(() => StateDictFile.Write(directory, []), Throws.InstanceOf<SystemException>());
        Assert.That(Directory.GetFiles(_folder), Is.Empty);
    }
}
