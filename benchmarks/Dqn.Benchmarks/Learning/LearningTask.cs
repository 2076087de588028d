using System.Collections.Immutable;
using Dqn.CarRacing.Presets;
using Dqn.Environments;

namespace Dqn.Benchmarks.Learning;

/// <summary>A task of the table.</summary>
/// <param name="Name">What it is called there.</param>
/// <param name="Family">Which options agents have for it.</param>
/// <param name="Steps">How many agent steps an agent learns, unless told otherwise.</param>
/// <param name="Episodes">How many greedy episodes its score is the mean of.</param>
/// <param name="Create">Makes an environment to evaluate on.</param>
internal sealed record LearningTask(string Name, TaskFamily Family, long Steps, int Episodes, Func<IEnvironment> Create)
{
    // MinAtar's games have no limit of their own; an agent that plays for so long has learnt them.
    private const int CellsLimit = 5_000;

    /// <summary>
    /// What all agents have on CarRacing: the sprint preset's pictures, shaping and network, on Gymnasium's five actions. Its
    /// <see cref="CarRacingPreset.Agent"/> is the quantiles'.
    /// </summary>
    public static CarRacingPreset Racing { get; } = CarRacingPresets.Sprint with { Task = CarRacingPresets.Fast.Task };

    /// <summary>All, those of few minutes first.</summary>
    public static ImmutableArray<LearningTask> All { get; } =
    [
        // The budgets of rl-baselines3-zoo's table.
        new("CartPole-v1", TaskFamily.Numbers, 50_000, 100, () => new CartPoleEnvironment().WithTimeLimit(500)),
        new("Acrobot-v1", TaskFamily.Numbers, 100_000, 100, () => new AcrobotEnvironment().WithTimeLimit(500)),
        new("MountainCar-v0", TaskFamily.Numbers, 120_000, 100, () => new MountainCarEnvironment().WithTimeLimit(200)),
        .. Enum.GetValues<MinAtarGame>().Select(Cells),
        new("CarRacing-v3", TaskFamily.Racing, 100_000, 20, Racing.CreateEnvironment),
    ];

    /// <summary>How many points a learning curve has.</summary>
    public int Evaluations => Family == TaskFamily.Racing ? 5 : 20;

    /// <summary>How many greedy episodes each of them is the mean of.</summary>
    public int EpisodesPerEvaluation => Family == TaskFamily.Racing ? 5 : 10;

    /// <summary>The environments to train in.</summary>
    public VectorEnvironment CreateTraining(int environments) => Family == TaskFamily.Racing
        ? (Racing with
        {
            Agent = Racing.Agent with { Environments = environments, Network = Racing.Agent.Network with { Threads = 1 } },
        }).CreateTrainingEnvironments()
        : new VectorEnvironment(environments, _ => Create(), threads: 1);

    private static LearningTask Cells(MinAtarGame game) => new(
        $"MinAtar/{game}", TaskFamily.Cells, 120_000, 50, () => new MinAtarEnvironment(game).WithTimeLimit(CellsLimit));
}
