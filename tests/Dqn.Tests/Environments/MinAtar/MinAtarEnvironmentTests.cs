using System.Globalization;
using System.Security.Cryptography;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Tests.Environments;

/// <summary>MinAtar's games are the reference's, cell for cell.</summary>
public sealed class MinAtarEnvironmentTests
{
    private static readonly MinAtarGame[] s_games = Enum.GetValues<MinAtarGame>();

    private static readonly MinAtarOptions[] s_options =
        [new(), new() { MinimalActions = true, StickyActions = 0.5, DifficultyRamping = false }];

    [TestCase(MinAtarGame.Asterix, "asterix.csv", 4)]
    [TestCase(MinAtarGame.Breakout, "breakout.csv", 4)]
    [TestCase(MinAtarGame.Freeway, "freeway.csv", 7)]
    [TestCase(MinAtarGame.Seaquest, "seaquest.csv", 10)]
    [TestCase(MinAtarGame.SpaceInvaders, "space-invaders.csv", 6)]
    public void Every_step_equals_the_references(MinAtarGame game, string name, int channels)
    {
        using var environment = new MinAtarEnvironment(game);
        Assert.That(environment.Spec.ObservationShape, Is.EqualTo(new[] { channels, 10, 10 }));
        var observation = new byte[environment.Spec.ObservationBytes];
        int ended = 0, line = 1;
        double rewards = 0;
        foreach (string text in File.ReadLines(
            Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "minatar", name)).Skip(1))
        {
            line++;
            string[] fields = text.Split(',');
            if (fields[1].Length == 0)
            {
                environment.Reset(fields[0].Length == 0 ? null : ulong.Parse(fields[0], CultureInfo.InvariantCulture));
            }
            else
            {
                StepResult result = environment.Step(Number(fields[1]));
                Assert.That(result, Is.EqualTo(new StepResult(Number(fields[2]), fields[3] == "1", false)), $"line {line}");
                rewards += result.Reward;
                ended += result.Ended ? 1 : 0;
            }

            environment.Observe(observation);
            Assert.That(
                Convert.ToHexStringLower(SHA256.HashData(observation).AsSpan(0, 4)), Is.EqualTo(fields[4]), $"line {line}");
        }

        Assert.That((ended, rewards), Is.Not.EqualTo((0, 0.0)), "something happened");

        static int Number(string field) => int.Parse(field, CultureInfo.InvariantCulture);
    }

    [Test]
    public void They_conform(
        [ValueSource(nameof(s_games))] MinAtarGame game, [ValueSource(nameof(s_options))] MinAtarOptions options) =>
        Assert.That(EnvironmentConformance.List(() => new MinAtarEnvironment(game, options), 3_000), Is.Empty);

    [TestCase(MinAtarGame.Asterix, 5)]
    [TestCase(MinAtarGame.Breakout, 3)]
    [TestCase(MinAtarGame.Freeway, 3)]
    [TestCase(MinAtarGame.Seaquest, 6)]
    [TestCase(MinAtarGame.SpaceInvaders, 4)]
    public void Minimal_actions_are_those_that_do_something(MinAtarGame game, int actions)
    {
        var options = new MinAtarOptions { StickyActions = 0, MinimalActions = true };
        using var minimal = new MinAtarEnvironment(game, options);
        using var all = new MinAtarEnvironment(game, options with { MinimalActions = false });
        Assert.That((minimal.Spec.ActionCount, all.Spec.ActionCount), Is.EqualTo((actions, 6)));
        Assert.That((minimal.Spec.Name, all.Spec.Name), Is.EqualTo(($"MinAtar/{game}-v1", $"MinAtar/{game}-v0")));

        // Wherever an episode is, they lead to all that the six lead to, and each of them now and then to what no other does.
        var distinct = new HashSet<int>();
        all.Reset(5);
        for (int step = 0; step < 400; step++)
        {
            string[] few = [.. Enumerable.Range(0, actions).Select(action => After(all, minimal, action))];
            string[] many = [.. Enumerable.Range(0, 6).Select(action => After(all, all, action))];
            Assert.That(few.Distinct(), Is.EquivalentTo(many.Distinct()), $"after {step} steps");
            distinct.UnionWith(Enumerable.Range(0, actions).Where(action => few.Count(after => after == few[action]) == 1));
            if (all.Step(step * step / 3 % 6).Ended)
                all.Reset();
        }

        Assert.That(distinct, Has.Count.EqualTo(actions));

        // What is seen after an action in another's state; the other stays where it was.
        static string After(MinAtarEnvironment from, MinAtarEnvironment environment, int action)
        {
            using MemoryStream before = new();
            from.SaveState(new BinaryWriter(before));
            before.Position = 0;
            environment.LoadState(new BinaryReader(before));
            environment.Step(action);
            var observation = new byte[environment.Spec.ObservationBytes];
            environment.Observe(observation);
            before.Position = 0;
            from.LoadState(new BinaryReader(before));
            return Convert.ToHexString(observation);
        }
    }

    [Test]
    public void A_sticky_action_repeats_the_one_before()
    {
        using var sticky = new MinAtarEnvironment(MinAtarGame.Breakout, new() { StickyActions = 1 });
        using var still = new MinAtarEnvironment(MinAtarGame.Breakout, new() { StickyActions = 0 });
        byte[] one = new byte[400], two = new byte[400];
        sticky.Reset(3);
        still.Reset(3);
        for (int i = 0; i < 5; i++)
        {
            Assert.That(sticky.Step(1), Is.EqualTo(still.Step(0)), "nothing was there to repeat but doing nothing");
            sticky.Observe(one);
            still.Observe(two);
            Assert.That(one, Is.EqualTo(two));
        }
    }

    [Test]
    public void Options_are_part_of_what_it_is()
    {
        using var plain = new MinAtarEnvironment(MinAtarGame.Seaquest);
        using var easy = new MinAtarEnvironment(MinAtarGame.Seaquest, new() { DifficultyRamping = false });
        using var memory = new MemoryStream();
        plain.Reset(1);
        EnvironmentState.Save(plain, new BinaryWriter(memory));
        memory.Position = 0;
        Assert.That(
            () => EnvironmentState.Load(easy, new BinaryReader(memory)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("difficultyRamping"));
        Assert.That(
            () => new MinAtarOptions { StickyActions = 1.5 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("got 1.5"));
        Assert.That(() => new MinAtarEnvironment((MinAtarGame)5), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Whatever a damaged state says, it is refused, or the game goes on without an error.</summary>
    [TestCaseSource(nameof(s_games))]
    public void Damaged_states_are_refused_or_playable(MinAtarGame game)
    {
        using var environment = new MinAtarEnvironment(game);
        environment.Reset(1);
        for (int i = 0; i < 60; i++)
            if (environment.Step(i % 6).Ended)
                environment.Reset();
        using var memory = new MemoryStream();
        environment.SaveState(new BinaryWriter(memory));
        byte[] state = memory.ToArray();
        var random = new Random(1);
        var observation = new byte[environment.Spec.ObservationBytes];
        int refused = 0;
        for (int i = 0; i < 3_000; i++)
        {
            byte[] damaged = [.. state];
            damaged[random.Next(damaged.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(12));
            try
            {
                environment.LoadState(new BinaryReader(new MemoryStream(damaged)));
                environment.Observe(observation);
                for (int step = 0; step < 20 && !environment.Step(random.Next(6)).Ended; step++)
                    environment.Observe(observation);
            }
            catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
            {
                refused++;
                Assert.That(() => environment.Step(0), Throws.InvalidOperationException, "it needs a reset");
            }
            catch (InvalidOperationException exception) when (exception.Message.Contains("Reset", StringComparison.Ordinal))
            {
                // A phase that is not running.
            }
        }

        Assert.That(refused, Is.Positive);
    }

    [TestCaseSource(nameof(s_games))]
    public void A_step_and_a_look_allocate_nothing(MinAtarGame game)
    {
        using var environment = new MinAtarEnvironment(game);
        var observation = new byte[environment.Spec.ObservationBytes];
        var picture = new byte[environment.RenderWidth * environment.RenderHeight * 3];
        Assert.That(Allocations.Of(() =>
        {
            environment.Reset(1);
            for (int i = 0; i < 3_000; i++)
            {
                if (environment.Step(i * 7 / 3 % 6).Ended)
                    environment.Reset();
                environment.Observe(observation);
            }

            environment.Render(picture);
        }), Is.Zero);
    }

    [Test]
    public void The_picture_has_a_square_for_each_cell_and_drawing_changes_nothing()
    {
        using var environment = new MinAtarEnvironment(MinAtarGame.Breakout);
        using var plain = new MinAtarEnvironment(MinAtarGame.Breakout);
        var rgb = new byte[environment.RenderWidth * environment.RenderHeight * 3];
        Assert.That(() => environment.Render(rgb), Throws.InvalidOperationException);
        environment.Reset(2);
        plain.Reset(2);
        for (int i = 0; i < 20; i++)
        {
            environment.Render(rgb);
            StepResult result = environment.Step(0);
            Assert.That(result, Is.EqualTo(plain.Step(0)));
            if (result.Ended)
                break;
        }

        environment.Reset(2);
        environment.Render(rgb);
        int cell = environment.RenderWidth / 10;
        Assert.That(Pixel(cell * 4, cell * 9), Is.EqualTo((230, 230, 230)), "the paddle");
        Assert.That(Pixel(0, cell), Is.EqualTo(Pixel(cell * 9, cell * 3)).And.Not.EqualTo((0, 0, 0)), "bricks");
        Assert.That(Pixel(0, 0), Is.EqualTo((0, 0, 0)));

        (byte, byte, byte) Pixel(int x, int y)
        {
            int at = (y * environment.RenderWidth + x) * 3;
            return (rgb[at], rgb[at + 1], rgb[at + 2]);
        }
    }

    [TestCaseSource(nameof(s_games))]
    public void An_agent_is_made_for_it_without_being_told_how(MinAtarGame game)
    {
        using var environment = new MinAtarEnvironment(game);
        using DqnAgent agent = Trainer.Train(environment, 200, Trainer.OptionsFor(environment.Spec, 200));
        Assert.That(
            ((QNetwork)agent.Network).Architecture,
            Is.EqualTo(new TinyCnnActionValue(environment.Spec.ObservationShape[0], 6)));
        Assert.That(agent.Updates, Is.Positive);
    }
}
