#:project ../src/Dqn/Dqn.csproj
#:package OpenTelemetry.Exporter.Console@1.20.1
#:property ManagePackageVersionsCentrally=false
// The meter "Dqn" exported, here to the console: another exporter sends it to whatever watches your services.
using Dqn.Environments;
using Dqn.Training;
using OpenTelemetry.Metrics;

using var meters = OpenTelemetry.Sdk.CreateMeterProviderBuilder().AddMeter("Dqn").AddConsoleExporter().Build();
using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
using var agent = Trainer.Train(environment, steps: 5_000);
return meters.ForceFlush() ? 0 : 1;
