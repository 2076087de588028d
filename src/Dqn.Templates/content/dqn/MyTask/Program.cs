// Trains an agent, keeps what it learnt in one file, and says how well it does.
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;
using MyTask;

using IEnvironment environment = new MyTaskEnvironment();
using (DqnAgent agent = Trainer.Train(environment, steps: 30_000))
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, environment))
    learnt.Save("policy.safetensors");

using var policy = GreedyPolicy.Load("policy.safetensors");
EvaluationResult result = new Evaluator(environment, new EvaluationOptions { Episodes = 100 }).Evaluate(policy.Act);
int reached = result.Episodes.Count(episode => episode.Terminated);
Console.WriteLine($"mean return {result.Mean:0.00}, the goal reached in {reached} of 100 episodes");
return reached >= 95 ? 0 : 1;
