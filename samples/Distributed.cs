#:project ../src/Dqn.Orleans/Dqn.Orleans.csproj
#:package Microsoft.Orleans.Clustering.Redis@10.4.2
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false
// CartPole, learnt by four silos of Orleans in this process: dotnet run samples/Distributed.cs
// Or in a process each: with -- --silo 0, which learns, then with -- --silo 1 and so on in other terminals.
// With --redis localhost:6379 any of them may die: give a second one --learner, and both the same --runs FOLDER.
using System.Net;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Orleans;
using Dqn.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

int steps = int.Parse(Option("--steps", "50000")), environments = int.Parse(Option("--environments", "2"));
int port = int.Parse(Option("--port", "11111")); // Silo 0's; the others have those above it.
string redis = Option("--redis", ""), folder = Option("--runs", "");
if (folder.Length == 0)
    folder = Directory.CreateTempSubdirectory("dqn-distributed-").FullName;

IEnumerable<int> numbers = args.Contains("--silo") ? [int.Parse(Option("--silo", "0"))] : Enumerable.Range(0, 4);
List<Task> ends = [];
IHost[] silos = [.. numbers.Select(Silo)];
await Task.WhenAll(silos.Select(silo => silo.RunAsync()));
return ends.Any(end => end.IsFaulted) ? 1 : 0;

IHost Silo(int number)
{
    HostApplicationBuilder builder = Host.CreateApplicationBuilder();
    builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Dqn", LogLevel.Information).AddFilter("Orleans", LogLevel.Critical).AddFilter("Polly", LogLevel.None);
    builder.UseOrleans(silo =>
    {
        if (redis.Length == 0)
            silo.UseLocalhostClustering(port + number, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, port));
        else
            silo.UseRedisClustering(redis).ConfigureEndpoints(port + number, gatewayPort: 0);
        silo.AddDqnActors(CartPole, environments);
        if (number == 0 || args.Contains("--learner"))
            silo.AddDqnLearner(Training());
    });
    IHost host = builder.Build();
    ends.Add(host.Services.GetRequiredService<DqnActors>().Completion);
    return host;
}

DistributedTraining Training()
{
    var run = new TrainingRunOptions { Folder = folder, TotalSteps = steps, EvaluationInterval = 5_000, CheckpointInterval = 1_000 };
    DqnOptions options = Trainer.OptionsFor(CartPole().Spec, steps) with { Environments = 8 };
    var training = new DistributedTraining(run, options, CartPole) { Evaluation = new EvaluationOptions { Episodes = 20 } };
    ends.Add(training.Completion);
    return training;
}

static IEnvironment CartPole() => new CartPoleEnvironment().WithTimeLimit(500);

string Option(string name, string usual) => args.SkipWhile(arg => arg != name).ElementAtOrDefault(1) ?? usual;
