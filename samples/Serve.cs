#:project ../src/Dqn/Dqn.csproj
// One policy, loaded once, asked by eight threads at the same time: the same answers, no lock, no allocation.
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
using (DqnAgent agent = Trainer.Train(environment, steps: 5_000))
using (var learnt = new GreedyPolicy(agent.EvaluationNetwork, environment))
    learnt.Save("serve.safetensors");
using var policy = GreedyPolicy.Load("serve.safetensors");
var seen = new List<(byte[] Observation, int Action)>();
new Evaluator(environment).Evaluate((now, _) => { seen.Add((now.ToArray(), policy.Act(now))); return seen.Count % 2; });
long differ = 0, allocated = 1;
for (int round = 0; round < 10 && Interlocked.Exchange(ref allocated, 0) > 0; round++) // At first it makes copies.
    Task.WaitAll([.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(Ask, TaskCreationOptions.LongRunning))]);
Console.WriteLine($"400,000 answers to 8 threads at once: {differ} differ, {allocated} bytes allocated");
return differ + allocated == 0 ? 0 : 1;
void Ask()
{
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (int i = 0; i < 50_000; i++)
        Interlocked.Add(ref differ, policy.Act(seen[i % seen.Count].Observation) == seen[i % seen.Count].Action ? 0 : 1);
    Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
}
