using Dqn.Orleans.Learner;
using Dqn.Randomness;
using Dqn.Tests.Clusters;

namespace Dqn.Tests.Learners;

[TestFixture]
public sealed class ActorBoardTests
{
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10), s_takeover = TimeSpan.FromSeconds(5);

    private readonly Clock _time = new();

    [Test]
    public void Each_gets_what_it_wants_where_that_is_what_there_is()
    {
        ActorBoard board = Board(8, ("a", 2), ("b", 6));
        Assert.That(board.Of("a"), Has.Length.EqualTo(2));
        Assert.That(board.Of("b"), Has.Length.EqualTo(6));
        Assert.That(board.Of("a").Concat(board.Of("b")), Is.EquivalentTo(Enumerable.Range(0, 8)));
    }

    [Test]
    public void Where_they_want_more_each_gets_its_part()
    {
        ActorBoard board = Board(10, ("a", 10), ("b", 20), ("c", 10));
        Assert.That(Counts(board, "a", "b", "c"), Is.EqualTo(new[] { 3, 5, 2 }).Or.EqualTo(new[] { 2, 5, 3 }));
        Assert.That(board.Assigned, Is.EqualTo(10));
    }

    [Test]
    public void Others_take_over_only_after_a_while()
    {
        ActorBoard board = Board(8, ("a", 4), ("b", 4));
        int[] kept = board.Of("a");
        board.Remove("b");
        Report(board, "a", 4);
        Assert.That(board.Of("a"), Is.EqualTo(kept), "b may come back");
        _time.Pass(s_takeover);
        Report(board, "a", 4);
        Assert.That(board.Of("a"), Is.EqualTo(Enumerable.Range(0, 8)));
    }

    [Test]
    public void Who_comes_takes_no_more_than_it_has_to()
    {
        ActorBoard board = Board(8, ("a", 4));
        _time.Pass(s_takeover);
        Report(board, "a", 4);
        Assert.That(board.Of("a"), Has.Length.EqualTo(8));
        Report(board, "b", 4);
        Assert.That(board.Of("a"), Is.EqualTo(new[] { 0, 1, 2, 3 }), "it keeps what it has");
        Assert.That(board.Of("b"), Is.EqualTo(new[] { 4, 5, 6, 7 }));
    }

    [Test]
    public void Who_is_silent_is_given_up()
    {
        ActorBoard board = Board(4, ("a", 2), ("b", 2));
        _time.Pass(s_silence / 2);
        Report(board, "a", 2);
        _time.Pass(s_silence / 2);
        Assert.That(board.RemoveSilent(), Is.EqualTo(new[] { "b" }));
        Assert.That(board.Of("b"), Is.Empty);
        Assert.That(board.RemoveSilent(), Is.Empty);
    }

    [Test]
    public void Who_has_no_shard_sends_to_the_one_with_least_to_take()
    {
        ActorBoard board = Board(12, ("a", 4), ("b", 2));
        Report(board, "c", 3, keepsReplay: false);
        Report(board, "d", 3, keepsReplay: false);
        Assert.That(board.ShardOf("a"), Is.EqualTo("a"));
        Assert.That(board.ShardOf("c"), Is.EqualTo("b"));
        Assert.That(board.ShardOf("d"), Is.EqualTo("a"));
        Assert.That((board.Load("a"), board.Load("b"), board.Load("c")), Is.EqualTo((7, 5, 0)));
        board.Remove("a");
        board.Remove("b");
        Assert.That(board.ShardOf("c"), Is.Empty, "nobody has one");
    }

    [Test]
    public void A_machine_s_pace_is_between_its_reports()
    {
        var board = new ActorBoard(1, s_silence, s_takeover, _time);
        board.Report(Reports.Of("a", 1, steps: 100));
        _time.Pass(TimeSpan.FromSeconds(2));
        board.Report(Reports.Of("a", 1, steps: 500));
        Assert.That(board.Pace("a"), Is.EqualTo(200));
        _time.Pass(TimeSpan.FromMilliseconds(100));
        board.Report(Reports.Of("a", 1, steps: 501));
        Assert.That(board.Pace("a"), Is.EqualTo(200), "too short to say");
    }

    [Test]
    public void Whatever_happens_no_environment_is_played_twice()
    {
        var random = new Pcg64(3);
        var board = new ActorBoard(13, s_silence, s_takeover, _time);
        var alive = new HashSet<string>();
        for (int i = 0; i < 2_000; i++)
        {
            string host = $"h{random.Integer(6)}";
            if (random.Integer(4) == 0)
            {
                board.Remove(host);
                alive.Remove(host);
            }
            else
            {
                board.Report(Reports.Of(host, 1 + host[1] - '0', keepsReplay: host != "h2"));
                alive.Add(host);
            }

            _time.Pass(TimeSpan.FromSeconds(random.Integer(3)));
            alive.ExceptWith(board.RemoveSilent());
            int[] played = [.. alive.SelectMany(board.Of)];
            Assert.That(played, Is.Unique.And.All.InRange(0, 12));
            Assert.That(board.Assigned, Is.EqualTo(played.Length));
            Assert.That(played, Has.Length.AtLeast(Math.Min(13, alive.Sum(name => 1 + name[1] - '0'))), "nobody idles for want of one");
        }
    }

    private ActorBoard Board(int environments, params (string Host, int Share)[] hosts)
    {
        var board = new ActorBoard(environments, s_silence, s_takeover, _time);
        foreach ((string host, int share) in hosts)
            Report(board, host, share);
        return board;
    }

    private static void Report(ActorBoard board, string host, int share, bool keepsReplay = true) =>
        board.Report(Reports.Of(host, share, keepsReplay));

    private static int[] Counts(ActorBoard board, params string[] hosts) => [.. hosts.Select(host => board.Of(host).Length)];

    private sealed class Clock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }
}
