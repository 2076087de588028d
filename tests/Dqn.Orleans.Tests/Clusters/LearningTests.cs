using Dqn.Agents;
using Dqn.Environments;
using Dqn.Orleans;
using Dqn.Serialization;
using Dqn.Tests.Media;
using Dqn.Training;

namespace Dqn.Tests.Clusters;

/// <summary>Four silos learn what one process learns.</summary>
[TestFixture]
public sealed class LearningTests
{
    [Test]
    public async Task Four_silos_learn_CartPole()
    {
        using var folder = new TemporaryFolder();
        var acts = new SiloRole { Environment = CartPoleTraining.Task };
        await using var cluster = new TrainingCluster(acts, acts, acts, acts with
        {
            Training = () => CartPoleTraining.Make(folder["run"], 100_000, evaluationInterval: 5_000, evaluation: new EvaluationOptions { Episodes = 50 }),
        });
        await cluster.StartAsync();
        DistributedTraining training = cluster.Trainings.Single();
        await training.Completion.WaitAsync(TimeSpan.FromMinutes(5));

        using var evaluated = new VectorEnvironment(8, _ => CartPoleTraining.Task());
        using IEnvironment task = CartPoleTraining.Task();
        using var agent = DqnAgent.Create(task.Spec, CartPoleTraining.Options(100_000, 1), seed: 1);
        var evaluator = new Evaluator(evaluated, new EvaluationOptions { Episodes = 50, FirstSeed = 77 });
        agent.Network.LoadStateDict(StateDictFile.Read(folder["run/best.pt"]));
        EvaluationResult result = evaluator.Evaluate(agent.Network);
        Assert.That(result.Mean, Is.GreaterThanOrEqualTo(475));
    }
}
