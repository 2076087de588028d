using Dqn.Agents;
using Dqn.Environments;
using Dqn.Orleans;
using Dqn.Training;

namespace Dqn.Tests.Clusters;

/// <summary>CartPole as it is trained in these tests.</summary>
internal static class CartPoleTraining
{
    public static IEnvironment Task() => new CartPoleEnvironment().WithTimeLimit(500);

    public static DqnOptions Options(int steps, int environments) =>
        Trainer.OptionsFor(Task().Spec, steps) with { Environments = environments };

    public static DistributedTraining Make(
        string folder, int steps, int environments = 8, DqnOptions? options = null, long checkpointInterval = 5_000,
        long evaluationInterval = 1_000_000, EvaluationOptions? evaluation = null, Func<IEnvironment>? task = null,
        TimeSpan? silence = null) => new(
        new TrainingRunOptions
        {
            Folder = folder,
            TotalSteps = steps,
            Seed = 1,
            EvaluationInterval = evaluationInterval,
            CheckpointInterval = checkpointInterval,
        },
        options ?? Options(steps, environments),
        task ?? Task)
        {
            Evaluation = evaluation ?? new EvaluationOptions { Episodes = 2 },
            StopsApplication = false,
            Takeover = TimeSpan.FromSeconds(1),
            Silence = silence ?? TimeSpan.FromSeconds(3),
        };
}
