#:project ../src/Dqn/Dqn.csproj
// Sixteen environments act in lockstep, without replay or target network; seconds on one core: dotnet run samples/Pqn.cs
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Training;

const int Steps = 50_000;
var options = new PqnOptions
{
    Environments = 16,
    RolloutSteps = 32,
    BatchSize = 64,
    Epochs = 4,
    Lambda = 0.95,
    RewardScale = 0.1, // values of about 10 rather than 100
    Epsilon = new EpsilonSchedule(start: 1, end: 0.05, decaySteps: Steps / 5),
    LearningRate = new LearningRateSchedule(start: 5e-4, end: 1e-5, Steps),
    EvaluationAverage = 0.99,
    Network = new PqnOptions().Network with { Threads = 1 },
};
using var environments = new VectorEnvironment(options.Environments, _ => new CartPoleEnvironment().WithTimeLimit(500));
using PqnAgent agent = PqnAgent.Create(environments.Spec, options, seed: 1);
agent.Train(environments, Steps);

using IEnvironment unseen = new CartPoleEnvironment().WithTimeLimit(500);
double mean = new Evaluator(unseen, new EvaluationOptions { Episodes = 20 }).Evaluate(agent.EvaluationNetwork).Mean;
Console.WriteLine($"mean return over 20 episodes: {mean:0.0}");
return mean >= 475 ? 0 : 1;
