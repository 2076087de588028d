#:project ../src/Dqn/Dqn.csproj
// A loop of one's own: begin, act, record, learn when it is due; one's own schedule, one's own metric in the history.
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;
using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
DqnOptions options = Trainer.OptionsFor(environment.Spec, 15_000) with { LearningRate = null }; // It has a curve below.
using DqnAgent agent = DqnAgent.Create(environment.Spec, options, seed: 1);
using var history = new CsvMetricSink("own-loop.csv", ["episode/return", "own/pushes_left"]);
var observation = new byte[environment.Spec.ObservationBytes];
for (ulong episode = 0; agent.Steps < 15_000; episode++)
{
    environment.Reset(episode);
    environment.Observe(observation);
    agent.Begin(observation);
    (StepResult result, int action, long begun, double left) = (default, 0, agent.Steps, 0);
    for (; !result.Ended; left += 1 - action)
    {
        result = environment.Step(action = agent.Act(observation));
        environment.Observe(observation);
        agent.Record(action, result.Reward, result.Terminated, result.Truncated, observation);
        agent.Network.LearningRate = 1e-3 * Math.Pow(0.1, agent.Steps / 15_000.0); // A curve that is no option.
        if (agent.IsUpdateDue) agent.Learn();
    }
    history.Write("episode/return", agent.Steps, agent.Steps - begun);
    history.Write("own/pushes_left", agent.Steps, left / (agent.Steps - begun));
}
double[] returns = [.. history.Rows.Select(row => row.Values[0])];
Console.WriteLine($"mean return: of the first ten {returns[..10].Average():0.0}, of the last {returns[^10..].Average():0.0}");
return returns[^10..].Average() > 5 * returns[..10].Average() ? 0 : 1;
