using Dqn.Agents;
using Dqn.Randomness;

namespace Dqn.Tests.Agents;

public sealed class ExplorationTests
{
    [TestCase(2, 10_000)]
    [TestCase(2, 5)]
    [TestCase(1.2, 40)]
    [TestCase(30, 3)]
    [TestCase(2, 1)]
    public void DurationsFollowTheZetaDistribution(double exponent, int longest)
    {
        const int Draws = 200_000;
        var duration = new ExplorationDuration(exponent, longest);
        var random = new Pcg64(7);
        var counts = new int[longest + 1];
        for (int i = 0; i < Draws; i++)
            counts[duration.Draw(random)]++;

        double sum = Enumerable.Range(1, longest).Sum(n => Math.Pow(n, -exponent));
        Assert.That(counts[0], Is.Zero);
        double seen = 0, expected = 0;
        for (int n = 1; n <= longest; n++)
        {
            // The distribution function, within five standard errors.
            (seen, expected) = (seen + (double)counts[n] / Draws, expected + Math.Pow(n, -exponent) / sum);
            double error = Math.Sqrt(Math.Max(0, expected * (1 - expected)) / Draws);
            Assert.That(seen, Is.EqualTo(expected).Within(5 * error + 1e-9), $"up to {n} steps");
        }
    }

    [Test]
    public void AnActionIsKeptUpForTheDurationDrawn()
    {
        var options = new DqnOptions
        {
            WarmupSteps = 0,
            Epsilon = new EpsilonSchedule(0.3, 0.3),
            ExplorationDuration = new ExplorationDuration(1.5, 20),
        };
        var exploration = new Exploration(options, 5, new Pcg64(3), [0]);
        var twin = new Pcg64(3);
        for (int i = 0; i < 2_000; i++)
        {
            bool explores = twin.NextDouble() < 0.3;
            int action = explores ? twin.Integer(5) : 0;
            int duration = explores ? options.ExplorationDuration.Draw(twin) : 1;
            for (int step = 0; step < duration; step++)
            {
                Assert.That(exploration.Explores(100, 0, [], out int chosen), Is.EqualTo(explores));
                Assert.That(chosen, Is.EqualTo(action));
            }
        }
    }

    [Test]
    public void WithoutADurationEachStepIsDrawnAnew()
    {
        var options = new DqnOptions { WarmupSteps = 1, Epsilon = new EpsilonSchedule(0.5, 0.5) };
        var exploration = new Exploration(options, 5, new Pcg64(3), [0]);
        var twin = new Pcg64(3);
        for (int step = 0; step < 1_000; step++)
        {
            bool explores = twin.NextDouble() < 0.5 || step == 0;
            Assert.That(exploration.Explores(step, 0, [], out int action), Is.EqualTo(explores));
            Assert.That(action, Is.EqualTo(explores ? twin.Integer(5) : 0));
        }
    }

    [Test]
    public void AnEpisodeEndsWhatIsKeptUpInItsOwnEnvironment()
    {
        var options = new DqnOptions
        {
            Environments = 2,
            WarmupSteps = 0,
            Epsilon = new EpsilonSchedule(1, 0, 1), // Explores at step 0 alone.
            ExplorationDuration = new ExplorationDuration(1.01, 10_000),
        };
        var exploration = new Exploration(options, 1, new Pcg64(1), [0, 1]);
        Assert.That(exploration.Explores(0, 0, [], out _) && exploration.Explores(0, 1, [], out _));
        Assert.That(exploration.Explores(1, 0, [], out _) && exploration.Explores(1, 1, [], out _), "Both go on for some steps.");
        exploration.Begin(0);
        Assert.That((exploration.Explores(2, 0, [], out _), exploration.Explores(2, 1, [], out _)), Is.EqualTo((false, true)));
    }

    [Test]
    public void ASavedOneGoesOnAndADamagedStateIsNamed()
    {
        var options = new DqnOptions
        {
            Environments = 3,
            WarmupSteps = 5,
            Epsilon = new EpsilonSchedule(0.4, 0.4),
            ExplorationDuration = new ExplorationDuration(1.2, 30),
        };
        var original = new Exploration(options, 4, new Pcg64(1), [0, 1, 2]);
        Go(original, 40);
        var memory = new MemoryStream();
        original.SaveState(new BinaryWriter(memory));
        var copy = new Exploration(options, 4, new Pcg64(2), [0, 1, 2]);
        Go(copy, 7);
        copy.LoadState(Saved());
        Assert.That(Go(copy, 200), Is.EqualTo(Go(original, 200)));

        var shorter = new Exploration(options with { ExplorationDuration = null }, 4, new Pcg64(1), [0, 1, 2]);
        Assert.That(
            () => shorter.LoadState(Saved()),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("kept up for 0 … 0 steps"));

        BinaryReader Saved() => new(new MemoryStream(memory.ToArray()));

        static string Go(Exploration exploration, int steps)
        {
            var actions = new List<string>();
            for (int step = 0; step < steps; step++)
                for (int environment = 0; environment < 3; environment++)
                    actions.Add(exploration.Explores(step, environment, [], out int action) ? $"{action}" : "–");
            return string.Join(' ', actions);
        }
    }
}
