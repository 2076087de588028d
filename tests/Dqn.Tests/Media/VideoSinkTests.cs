using System.Diagnostics;
using System.Text;
using Dqn.Media;

namespace Dqn.Tests.Media;

public class VideoSinkTests
{
    private const int Width = 34, Height = 21;

    [Test]
    public void Without_ffmpeg_the_error_says_so_and_what_works()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new VideoSink(folder["film.webm"], Width, Height, 10, "no-such-ffmpeg"),
            Throws.TypeOf<VideoEncodingException>().With.Message.Contains("needs ffmpeg")
                .And.Message.Contains("'no-such-ffmpeg' was not found in the folders of PATH")
                .And.Message.Contains("animated PNG (.png)"));
        Assert.That(
            () => new VideoSink(folder["film.webm"], Width, Height, 10, folder["ffmpeg"]),
            Throws.TypeOf<VideoEncodingException>().With.Message.Contains("was not found."));
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void A_program_that_is_none_gets_the_error_too()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["ffmpeg.txt"], "not a program");
        Assert.That(
            () => new VideoSink(folder["film.mp4"], Width, Height, 10, folder["ffmpeg.txt"]),
            Throws.TypeOf<VideoEncodingException>().With.Message.Contains("could not be started")
                .And.Message.Contains("animated PNG (.png)"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.txt" }));
    }

    [Test]
    public void Programs_are_found_in_the_folders_of_PATH_only()
    {
        using var folder = new TemporaryFolder();
        string name = OperatingSystem.IsWindows() ? "tool.exe" : "tool";
        File.WriteAllText(folder[name], "");
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(Executables.Find("tool", folder[""]), Is.Null, "not executable");
            File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        string path = string.Join(Path.PathSeparator, folder["none"], "relative", folder[""]);
        Assert.That(Executables.Find("tool", path), Is.EqualTo(Path.Combine(folder[""], name)));
        Assert.That(Executables.Find("tool", folder["none"]), Is.Null);
        Assert.That(Executables.Find("tool", ""), Is.Null);
    }

    [Test]
    public void Other_formats_and_bad_numbers_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            () => new VideoSink(folder["film.avi"], Width, Height, 10),
            Throws.ArgumentException.With.Message.Contains("expected .webm (VP9) or .mp4 (H.264), got .avi"));
        Assert.That(
            () => new VideoSink(folder["film.mp4"], 0, Height, 10), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new VideoSink(folder["film.mp4"], Width, Height, 0),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(folder.Files, Is.Empty);
    }

    [Test]
    public void Ffmpeg_gets_the_frames_and_the_file_appears_at_the_end()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("The stand-in for ffmpeg is a shell script, which Windows does not run.");
        using var folder = new TemporaryFolder();
        string standIn = Script(folder, """
            for last; do echo "$last" >> "$0.arguments"; done
            echo chatter; echo more >&2
            cat > "$last"
            """);
        using (var sink = new VideoSink(folder["film.webm"], Width, Height, 12.5, standIn))
        {
            for (int i = 0; i < 3; i++)
                sink.Add(Frame(i));
            Assert.That(File.Exists(folder["film.webm"]), Is.False);
            sink.Complete();
            Assert.That(sink.FrameCount, Is.EqualTo(3));
            Assert.That(() => sink.Add(Frame(0)), Throws.InvalidOperationException);
        }

        byte[] expected = [.. Enumerable.Range(0, 3).SelectMany(Frame)];
        Assert.That(File.ReadAllBytes(folder["film.webm"]).AsSpan().SequenceEqual(expected));
        string arguments = File.ReadAllText(standIn + ".arguments").ReplaceLineEndings(" ");
        Assert.That(
            arguments, Does.Contain($"-f rawvideo -pixel_format rgb24 -video_size {Width}x{Height} -framerate 25/2"));
        Assert.That(arguments, Does.Contain("-c:v libvpx-vp9").And.Contain("-pix_fmt yuv420p").And.Contain("-f webm"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.sh", "ffmpeg.sh.arguments", "film.webm" }));
    }

    [Test]
    public void When_ffmpeg_fails_its_words_are_passed_on_and_nothing_is_left()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("The stand-in for ffmpeg is a shell script, which Windows does not run.");
        using var folder = new TemporaryFolder();

        // At the end: everything is read, then refused.
        string late = Script(folder, """
            for last; do :; done
            cat > "$last"; echo "unknown encoder" >&2; exit 3
            """);
        using (var sink = new VideoSink(folder["film.mp4"], Width, Height, 10, late))
        {
            sink.Add(Frame(0));
            Assert.That(
                sink.Complete,
                Throws.TypeOf<VideoEncodingException>().With.Message.Contains("exit code 3 after 1 frames")
                    .And.Message.Contains("unknown encoder"));
            Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.sh" }), "before it is disposed");
        }

        // At once: the pipe breaks while frames are added.
        string early = Script(folder, "echo first line >&2; echo cannot open >&2; exit 1");
        using (var sink = new VideoSink(folder["film.mp4"], Width, Height, 10, early))
        {
            Assert.That(
                () =>
                {
                    for (int i = 0; i < 100_000; i++)
                        sink.Add(Frame(0));
                },
                Throws.TypeOf<VideoEncodingException>().With.Message.Contains("first line\ncannot open"));
            Assert.That(sink.Complete, Throws.InvalidOperationException);
        }

        // Saying that all is well without having written anything.
        string empty = Script(folder, "cat > /dev/null");
        using (var sink = new VideoSink(folder["film.mp4"], Width, Height, 10, empty))
        {
            sink.Add(Frame(0));
            Assert.That(sink.Complete, Throws.TypeOf<VideoEncodingException>());
        }

        Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.sh" }));
    }

    [Test]
    public void A_film_given_up_ends_ffmpeg()
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("The stand-in for ffmpeg is a shell script, which Windows does not run.");
        using var folder = new TemporaryFolder();
        string standIn = Script(folder, """
            for last; do :; done
            echo $$ > "$0.id.part"; mv "$0.id.part" "$0.id"
            exec sleep 600
            """);
        int id;
        using (var sink = new VideoSink(folder["film.webm"], Width, Height, 10, standIn))
        {
            Assert.That(sink.Complete, Throws.InvalidOperationException.With.Message.Contains("at least one frame"));
            sink.Add(Frame(0));
            Assert.That(() => File.Exists(standIn + ".id"), Is.True.After(20_000, 10));
            id = int.Parse(File.ReadAllText(standIn + ".id"));
        }

        Assert.That(() => Process.GetProcessById(id), Throws.ArgumentException);
        Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.sh", "ffmpeg.sh.id" }));
    }

    // It reads everything and never ends, or reads nothing: the pipe fills, and adding a frame waits.
    [TestCase("cat > /dev/null; exec sleep 600")]
    [TestCase("exec sleep 600")]
    public void An_ffmpeg_that_hangs_is_stopped(string body)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("The stand-in for ffmpeg is a shell script, which Windows does not run.");
        using var folder = new TemporaryFolder();
        using var sink = new VideoSink(folder["film.webm"], Width, Height, 10, Script(folder, body))
        {
            Patience = TimeSpan.FromSeconds(1),
        };
        Assert.That(
            () =>
            {
                for (int i = 0; i < 1000; i++)
                    sink.Add(Frame(i));
                sink.Complete();
            },
            Throws.TypeOf<VideoEncodingException>().With.Message.Contains("did nothing for 1 seconds and was stopped"));
        Assert.That(folder.Files, Is.EqualTo(new[] { "ffmpeg.sh" }));
    }

    // A terminal sends Ctrl-C to a whole process group.
    [Test]
    public void Ffmpeg_is_in_a_process_group_of_its_own_where_there_is_setsid()
    {
        if (!OperatingSystem.IsLinux() || Executables.Find("setsid") is null)
            Assert.Ignore("There is no setsid here, which starts the process group that is tested.");
        using var folder = new TemporaryFolder();
        string standIn = Script(folder, """
            for last; do :; done
            read -r stat < /proc/$$/stat; echo "$stat" > "$0.stat"
            cat > "$last"
            """);
        using (var sink = new VideoSink(folder["film.webm"], Width, Height, 10, standIn))
        {
            sink.Add(Frame(0));
            sink.Complete();
        }

        // pid (name) state parent group: the group is named by the process itself.
        string stat = File.ReadAllText(standIn + ".stat");
        Assert.That(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[2], Is.EqualTo(stat.Split(' ')[0]));
    }

    [TestCase("film.webm", "V_VP9", 34, 21)]
    [TestCase("film.webm", "V_VP9", 33, 21)]
    [TestCase("film.mp4", "avc1", 34, 22)]
    [TestCase("film.mp4", "avc1", 33, 22)]
    public void The_real_ffmpeg_makes_a_video_or_its_absence_is_told(
        string name, string codec, int width, int shownHeight)
    {
        using var folder = new TemporaryFolder();
        if (Executables.Find("ffmpeg") is not { } ffmpeg)
        {
            Assert.That(
                () => FrameSink.Create(folder[name], width, Height, 10), Throws.TypeOf<VideoEncodingException>());
            return;
        }

        byte[] red = new byte[3 * width * Height];
        for (int i = 0; i < red.Length; i += 3)
            (red[i], red[i + 1], red[i + 2]) = (200, 40, 90);
        using (IFrameSink sink = FrameSink.Create(folder[name], width, Height, 10))
        {
            for (int i = 0; i < 7; i++)
                sink.Add(red);
            sink.Complete();
        }

        Assert.That(folder.Files, Is.EqualTo(new[] { name }));
        Assert.That(Encoding.Latin1.GetString(File.ReadAllBytes(folder[name])), Does.Contain(codec));
        byte[] decoded = Decode(ffmpeg, folder[name]);
        int shownWidth = name.EndsWith("mp4") ? (width + 1) / 2 * 2 : width;
        Assert.That(decoded, Has.Length.EqualTo(7 * 3 * shownWidth * shownHeight));
        for (int frame = 0; frame < 7; frame++)
        {
            int middle = 3 * (frame * shownWidth * shownHeight + 10 * shownWidth + 15);
            Assert.That(decoded[middle], Is.EqualTo(200).Within(6));
            Assert.That(decoded[middle + 1], Is.EqualTo(40).Within(6));
            Assert.That(decoded[middle + 2], Is.EqualTo(90).Within(6));
        }
    }

    private static byte[] Decode(string ffmpeg, string path)
    {
        string[] arguments = ["-v", "error", "-nostdin", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
        using var process = Process.Start(new ProcessStartInfo(ffmpeg, arguments) { RedirectStandardOutput = true })!;
        using var memory = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(memory);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
        return memory.ToArray();
    }

    private static byte[] Frame(int number) =>
        [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * 7 + number * 31))];

    private static string Script(TemporaryFolder folder, string body)
    {
        string path = folder["ffmpeg.sh"];
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
