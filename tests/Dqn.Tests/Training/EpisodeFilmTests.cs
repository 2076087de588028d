using Dqn.Environments;
using Dqn.Media;
using Dqn.Tests.Environments;
using Dqn.Training;

namespace Dqn.Tests.Training;

public sealed class EpisodeFilmTests
{
    [Test]
    public void A_picture_comes_before_each_step_and_after_the_last()
    {
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
        using var film = new Pictures(600, 400);
        EpisodeSummary episode = EpisodeFilm.Record(environment, (_, _) => 0, film, seed: 3);
        Assert.That(film.Frames, Has.Count.EqualTo(episode.Steps + 1));
        Assert.That(film.IsComplete);
        Assert.That((episode.Terminated, episode.Return), Is.EqualTo((true, (double)episode.Steps)));

        // Each shows the state at that moment.
        using var again = new CartPoleEnvironment();
        again.Reset(3);
        var picture = new byte[600 * 400 * 3];
        foreach (byte[] frame in film.Frames)
        {
            again.Render(picture);
            Assert.That(frame.AsSpan().SequenceEqual(picture));
            if (!ReferenceEquals(frame, film.Frames[^1]))
                again.Step(0);
        }
    }

    [Test]
    public void It_ends_after_so_many_frames_or_when_it_is_cancelled()
    {
        using IEnvironment environment = new CartPoleEnvironment().WithStatistics().WithFrameSkip(2);
        using Pictures some = new(600, 400), one = new(600, 400);
        int turn = 0;
        EpisodeSummary episode = EpisodeFilm.Record(environment, (_, _) => turn++ % 2, some, seed: 3, maxFrames: 5);
        Assert.That((episode.Steps, episode.Frames, some.Frames.Count), Is.EqualTo((3, 6, 4)));
        EpisodeFilm.Record(environment, (_, _) => 0, one, cancellationToken: new CancellationToken(canceled: true));
        Assert.That((one.Frames.Count, one.IsComplete), Is.EqualTo((1, true)));
    }

    [Test]
    public void What_cannot_be_filmed_is_said()
    {
        using var pole = new CartPoleEnvironment();
        using var game = new TakeAway();
        using var film = new Pictures(60, 40);
        Assert.That(
            () => EpisodeFilm.Record(pole, (_, _) => 0, film),
            Throws.ArgumentException.With.Message.Contains("600 × 400 pixels, which CartPole-v1 draws, got one of 60 × 40"));
        Assert.That(
            () => EpisodeFilm.Record(game, (_, _) => 0, film), Throws.ArgumentException.With.Message.Contains("draws itself"));
        Assert.That(film.IsComplete, Is.False);
    }

    [Test]
    public void A_terminal_is_a_film_too()
    {
        using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
        using var writer = new StringWriter();
        int steps;
        using (var terminal = new TerminalSink(writer, 600, 400) { Size = () => (40, 21), Caption = () => "<below>" })
        {
            steps = EpisodeFilm.Record(environment, (_, _) => 0, terminal, seed: 3).Steps;
            Assert.That(terminal.FrameCount, Is.EqualTo(steps + 1));
        }

        string text = writer.ToString();
        Assert.Multiple(() =>
        {
            Assert.That(text, Does.StartWith(TerminalImage.Enter).And.EndsWith(TerminalImage.Leave));
            Assert.That(text.Split("\e[14;1H\e[0m\e[K<below>"), Has.Length.EqualTo(steps + 2), "40 × 13 cells, the caption below");
            Assert.That(text.Split("\e[2J"), Has.Length.EqualTo(3), "cleared once beside entering");
        });
    }

    [Test]
    public void A_terminal_that_grows_is_cleared_and_bad_numbers_are_refused()
    {
        using var writer = new StringWriter();
        int columns = 20;
        using (var terminal = new TerminalSink(writer, 2, 2) { Size = () => (columns, 10) })
        {
            terminal.Add(new byte[12]);
            columns = 6;
            terminal.Add(new byte[12]);
        }

        Assert.That(writer.ToString().Split("\e[2J"), Has.Length.EqualTo(4));
        Assert.That(() => new TerminalSink(writer, 2, 2, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TerminalSink(writer, 0, 2), Throws.InstanceOf<ArgumentException>());
    }

    private sealed class Pictures(int width, int height) : IFrameSink
    {
        public List<byte[]> Frames { get; } = [];

        public bool IsComplete { get; private set; }

        public int Width => width;

        public int Height => height;

        public int FrameCount => Frames.Count;

        public void Add(ReadOnlySpan<byte> rgb) => Frames.Add(rgb.ToArray());

        public void Complete() => IsComplete = true;

        public void Dispose()
        {
        }
    }
}
