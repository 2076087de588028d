#:project ../src/Dqn.CarRacing/Dqn.CarRacing.csproj
// The pretrained driver from the package drives a lap on a track that it has never seen.
using Dqn.CarRacing;
using Dqn.Environments;
using Dqn.Training;

using var driver = CarRacingDriver.Load(); // The network, and the pixel pipeline that it was trained with.
using FrameStack track = driver.CreateEnvironment();
var lap = new Evaluator(track, new EvaluationOptions { FirstSeed = 20_000, Episodes = 1 });
double score = lap.Evaluate(driver.Act).Mean;
Console.WriteLine($"the lap's return: {score:0.00}");
return score >= 900 ? 0 : 1;
