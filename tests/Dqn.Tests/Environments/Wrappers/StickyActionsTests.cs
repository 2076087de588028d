using Dqn.Environments;
using Dqn.Randomness;

namespace Dqn.Tests.Environments;

public class StickyActionsTests
{
    [Test]
    public void A_quarter_repeats_what_was_applied_before()
    {
        using var task = new CountingEnvironment();
        using IEnvironment environment = task.WithStickyActions();
        environment.Reset(3);
        var random = new Pcg64(1);
        int changes = 0, stuck = 0, last = -1;
        for (int step = 0; step < 20_000; step++)
        {
            int action = random.Integer(3);
            environment.Step(action);
            int applied = task.Actions[^1];
            Assert.That(applied, Is.EqualTo(action).Or.EqualTo(last), "nothing but these two");
            if (action != last && last >= 0)
            {
                changes++;
                stuck += applied == last ? 1 : 0;
            }

            last = applied;
        }

        Assert.That((double)stuck / changes, Is.EqualTo(0.25).Within(0.015)); // Four deviations.
    }

    [Test]
    public void The_first_of_an_episode_is_never_the_last_of_another()
    {
        using var task = new CountingEnvironment();
        using IEnvironment environment = task.WithStickyActions(1);
        environment.Reset(3);
        environment.Step(1);
        environment.Step(2);
        environment.Reset();
        environment.Step(2);
        environment.Step(0);
        Assert.That(task.Actions, Is.EqualTo([1, 1, 2, 2]));
    }

    [Test]
    public void A_seed_brings_the_same_actions_again()
    {
        using var task = new CountingEnvironment();
        using IEnvironment environment = task.WithStickyActions(0.5);
        foreach (ulong? seed in (ulong?[])[7, 7, null])
        {
            environment.Reset(seed);
            for (int step = 0; step < 100; step++)
                environment.Step(step % 3);
        }

        int[][] episodes = [.. task.Actions.Chunk(100)];
        Assert.That(episodes[1], Is.EqualTo(episodes[0]));
        Assert.That(episodes[2], Is.Not.EqualTo(episodes[0]));
    }

    [Test]
    public void What_is_illegal_now_does_not_stick()
    {
        using IEnvironment environment = new TakeAway().WithStickyActions(1);
        var legal = new bool[4];
        var random = new Pcg64(5);
        for (ulong game = 0; game < 200; game++)
        {
            environment.Reset(game);
            do
                environment.LegalActions(legal);
            while (!environment.Step(Enumerable.Range(0, 4).Where(action => legal[action]).ElementAt(random.Integer(legal.Count(one => one)))).Ended);
        }

        environment.Reset(1);
        environment.Step(3);
        environment.LegalActions(legal);
        Assert.That(legal, Does.Contain(false));
        Assert.That(() => environment.Step(Array.IndexOf(legal, false)), Throws.ArgumentException, "nor is it forgiven");
    }

    [Test]
    public void It_conforms_and_saves_its_state()
    {
        Assert.That(EnvironmentConformance.List(() => new CountingEnvironment(20).WithStickyActions()), Is.Empty);
        Assert.That(EnvironmentConformance.List(() => new TakeAway().WithStickyActions(0.5)), Is.Empty);
    }

    [Test]
    public void What_cannot_be_is_refused([Values(-0.1, 1.1, double.NaN)] double probability) => Assert.That(
        () => new CountingEnvironment().WithStickyActions(probability),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 … 1"));
}
