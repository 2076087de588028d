using System.Collections.Immutable;

namespace Dqn.Benchmarks.Learning;

/// <summary>What others report of the same task.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Agent">Their agent.</param>
/// <param name="Steps">How many agent steps it had learnt.</param>
/// <param name="Score">The mean return of greedy episodes; null where that is not what they report.</param>
/// <param name="Training">The mean return of training episodes, exploration in it; null likewise.</param>
/// <param name="Source">Which of <see cref="Sources"/>, from 1.</param>
internal sealed record PublishedFigure(string Task, string Agent, long Steps, double? Score, double? Training, int Source)
{
    /// <summary>Where the figures are from, and how they were measured.</summary>
    public static ImmutableArray<string> Sources { get; } =
    [
        "RL Baselines3 Zoo, [`benchmark.md`](https://github.com/DLR-RM/rl-baselines3-zoo/blob/master/benchmark.md): " +
        "options tuned for each task, one run each, then deterministic episodes over 150,000 steps.",
        "K. Young, T. Tian, MinAtar: [the learning curves](https://github.com/kenjyoung/MinAtar#results) of its DQN, a mean of 30 " +
        "runs of the last 100 training episodes with ε = 0.1 after 100,000 frames; read off the plot, to about 2 % of an axis. " +
        "Where fewer than 100 were over, on Freeway before 250,000 frames, the plot has the first mean, which is left out here. " +
        "Seaquest's is of versions up to 1.0.10, whose oxygen bar was another at its end.",
        "M. Gallici et al., [purejaxql](https://github.com/mttga/purejaxql): greedy episodes with the options of `pqn_cartpole.yaml`, a plot " +
        "over seconds. Of MinAtar it has options for ten million steps, and the time that they take on an A40, less than a minute, " +
        "but no scores.",
    ];

    /// <summary>All of them.</summary>
    public static ImmutableArray<PublishedFigure> All { get; } =
    [
        new("CartPole-v1", "DQN", 50_000, 500.0, null, 1),
        new("CartPole-v1", "QR-DQN", 50_000, 500.0, null, 1),
        new("CartPole-v1", "PQN", 500_000, 500.0, null, 3),
        new("Acrobot-v1", "DQN", 100_000, -76.639, null, 1),
        new("Acrobot-v1", "QR-DQN", 100_000, -69.135, null, 1),
        new("MountainCar-v0", "DQN", 120_000, -100.849, null, 1),
        new("MountainCar-v0", "QR-DQN", 120_000, -106.042, null, 1),
        .. Curve("Asterix", double.NaN, 0.8, 1.0, 1.1, 7.1, 14.4, 17.0),
        .. Curve("Breakout", 4.8, 6.1, 7.3, 8.3, 9.3, 9.7, 10.1),

        // Before its first 100 episodes were over, at 250,000 frames, the plot shows their mean.
        .. Curve("Freeway", double.NaN, double.NaN, 11.0, 34.7, 47.9, 50.8, 50.3),
        .. Curve("Seaquest", 0.6, 0.8, 0.8, 0.9, 1.0, 5.0, 20.3),
        .. Curve("SpaceInvaders", 19.6, 21.6, 22.9, double.NaN, 33.2, 42.1, 44.1),
    ];

    private static IEnumerable<PublishedFigure> Curve(string game, params double[] returns) => returns
        .Zip((long[])[120_000, 200_000, 300_000, 500_000, 1_000_000, 2_000_000, 5_000_000])
        .Where(point => double.IsFinite(point.First))
        .Select(point => new PublishedFigure($"MinAtar/{game}", "DQN", point.Second, null, point.First, 2));
}
