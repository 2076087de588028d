#:project ../src/Dqn/Dqn.csproj
// One call trains; one file keeps what was learnt and all that it takes to act: dotnet run samples/CartPole.cs
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
using (DqnAgent agent = Trainer.Train(environment, steps: 50_000))
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, environment))
    learnt.Save("cartpole.safetensors");

using var policy = GreedyPolicy.Load("cartpole.safetensors");
double mean = new Evaluator(environment, new EvaluationOptions { Episodes = 20 }).Evaluate(policy.Act).Mean;
Console.WriteLine($"mean return over 20 episodes: {mean:0.0}");
return mean >= 475 ? 0 : 1;
