using Dqn.Environments;
using Dqn.Environments.CarRacing;

namespace Dqn.Tests.Environments.CarRacing;

public class LapShapingTests
{
    // Here the first bend is cut by whoever steers left a little all the time.
    private const ulong Track = 31;

    [Test]
    public void EachTileMissedCostsThePenaltyOnce()
    {
        using var plain = new CarRacingEnvironment();
        using var priced = new LapShaping(new CarRacingEnvironment().WithStatistics(), 2.5);
        plain.Reset(Track);
        priced.Reset(Track);
        int missed = 0;
        double official = 0;
        for (int frame = 0; frame < 400; frame++)
        {
            StepResult expected = plain.Step(CornerCutter(frame)), got = priced.Step(CornerCutter(frame));
            official += expected.Reward;
            int more = Math.Max(plain.TilesMissed - missed, 0);
            missed += more;
            Assert.That(got, Is.EqualTo(expected with { Reward = expected.Reward - (2.5 * more) }));
            if (got.Ended)
                break;
        }

        Assert.That(missed, Is.GreaterThan(3), "the test has to cut a corner");
        Assert.That(priced.Find<EpisodeStatistics>()!.Return, Is.EqualTo(official), "the official return");
    }

    [Test]
    public void A_new_episode_has_missed_nothing()
    {
        using var environment = new LapShaping(new CarRacingEnvironment(), 1000);
        environment.Reset(Track);
        double[] first = Drive(), second;
        environment.Reset(Track);
        second = Drive();
        Assert.That(second, Is.EqualTo(first));
        Assert.That(first.Min(), Is.LessThan(-999));

        double[] Drive() => [.. Enumerable.Range(0, 250).Select(frame => environment.Step(CornerCutter(frame)).Reward)];
    }

    [Test]
    public void It_conforms_and_saves_its_state() => Assert.That(
        EnvironmentConformance.Check(() => new LapShaping(new CarRacingEnvironment(), 10), steps: 60), Is.Empty);

    [Test]
    public void TheStepThatFinishesTheLapHasTheBonus()
    {
        // A lap is finished when no part of the tiles is asked for and the first one is visited: in the first frame.
        var options = new CarRacingOptions { LapCompletePercent = 0 };
        using var plain = new CarRacingEnvironment(options);
        using var shaped = new LapShaping(new CarRacingEnvironment(options), lapBonus: 70);
        plain.Reset(Track);
        shaped.Reset(Track);
        StepResult expected = plain.Step(0);
        Assert.That((plain.IsLapFinished, expected.Terminated), Is.EqualTo((true, true)));
        Assert.That(shaped.Step(0), Is.EqualTo(expected with { Reward = expected.Reward + 70 }));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        Assert.That(
            () => new LapShaping(new CartPoleEnvironment()),
            Throws.ArgumentException.With.Message.Contains("CarRacingEnvironment").And.Message.Contains("CartPole"));
        foreach (double amount in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), missedTilePenalty: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("missedTilePenalty"));
            Assert.That(
                () => new LapShaping(new CarRacingEnvironment(), lapBonus: amount),
                Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("lapBonus"));
        }
    }

    private static int CornerCutter(int frame) => frame < 60 || frame % 40 < 4 ? 3 : frame % 8 == 0 ? 2 : 0;
}
