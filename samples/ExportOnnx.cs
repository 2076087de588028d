#:project ../src/Dqn.Onnx/Dqn.Onnx.csproj
// What was learnt as an ONNX file, which ServeOnnx.cs and whatever else runs ONNX needs no Dqn for: dotnet run samples/ExportOnnx.cs
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Onnx;
using Dqn.Training;

using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
using DqnAgent agent = Trainer.Train(environment, steps: 50_000);
using var policy = new GreedyPolicy(agent.EvaluationNetwork, environment);
OnnxFile.Write("cartpole.onnx", policy, new OnnxOptions { Action = true });
