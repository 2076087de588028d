#:project ../src/Dqn/Dqn.csproj
// A loop of one's own: begin, act, record, learn when it is due, with one's own schedule and one's own metric.
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
using DqnAgent agent = DqnAgent.Create(environment.Spec, Trainer.OptionsFor(environment.Spec, 20_000), seed: 1);
using var history = new CsvMetricSink("own-loop.csv", ["train/loss", "episode/return", "own/share_of_pushes_left"]);
var observation = new byte[environment.Spec.ObservationBytes];
environment.Reset(seed: 1);
for ((int length, int left) = (0, 0); agent.Steps < 20_000;)
{
    environment.Observe(observation);
    if (length++ == 0)
        agent.Begin(observation);
    int action = agent.Act(observation);
    left += action == 0 ? 1 : 0;
    StepResult result = environment.Step(action);
    environment.Observe(observation);
    agent.Record(action, result.Reward, result.Terminated, result.Truncated, observation);
    agent.Network.LearningRate = 5e-4 * Math.Pow(0.1, agent.Steps / 20_000.0); // A schedule that no option has.
    if (agent.IsUpdateDue)
        history.Write("train/loss", agent.Steps, agent.Learn().Loss);
    if (!result.Ended)
        continue;
    history.Write("episode/return", agent.Steps, length);
    history.Write("own/share_of_pushes_left", agent.Steps, (double)left / length);
    environment.Reset();
    (length, left) = (0, 0);
}
