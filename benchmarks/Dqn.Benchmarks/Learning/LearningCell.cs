using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Training;

namespace Dqn.Benchmarks.Learning;

/// <summary>One training of the table: a task, an agent, a seed, and how many steps.</summary>
internal sealed record LearningCell(LearningTask Task, LearningAgent Agent, ulong Seed, long Steps)
{
    // The score's episodes are not the curve's.
    private const ulong FirstScoreSeed = 2_000_000;

    /// <summary>Which one it is.</summary>
    public CellKey Key => new(Task.Name, Agent.Name, Seed, Steps);

    /// <summary>A digest of all that decides the result, the seed and the program aside.</summary>
    public string Settings
    {
        get
        {
            using IEnvironment environment = Task.Create();
            using VectorEnvironment training = Task.CreateTraining(1);
            var settings = new JsonObject
            {
                ["agent"] = Agent.Settings(Task, Steps),
                ["environment"] = environment.Describe(),
                ["training"] = training.Environments[0].Describe(),
                ["steps"] = Steps,
                ["episodes"] = Task.Episodes,
            };
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.ToJsonString())).AsSpan(0, 4));
        }
    }

    /// <summary>Trains, going on where an earlier call was interrupted, and scores.</summary>
    /// <param name="folder">Where the run may keep its files.</param>
    /// <param name="machine">For the result.</param>
    /// <param name="command">For the result.</param>
    /// <param name="cancellationToken">Interrupts it: it is saved and goes on another time.</param>
    /// <returns>The result and the curve; null where it was interrupted.</returns>
    public (CellResult Result, ImmutableArray<CurvePoint> Curve)? Train(
        string folder, string machine, string command, CancellationToken cancellationToken)
    {
        folder = Path.Combine(folder, Task.Name.Replace('/', '-'), $"{Agent.Name}-{Settings}-{Steps}", $"{Seed}");
        using IEnvironment evaluated = Task.Create(), scored = Task.Create();
        using IAgent agent = Agent.Create(Task, evaluated.Spec, Steps, Seed);
        using VectorEnvironment environments = Task.CreateTraining(agent.Environments);
        var options = new TrainingRunOptions
        {
            Folder = folder,
            TotalSteps = Steps,
            MaxTime = TimeSpan.FromDays(100), // So that the time counts over all resumptions.
            Seed = Seed,
            EvaluationInterval = Math.Max(1, Steps / Task.Evaluations),
            CheckpointInterval = Steps,
            MetricInterval = Math.Max(1, Steps / Task.Evaluations),
        };
        CellResult result;
        using (var run = new TrainingRun(
            options, agent, environments,
            new Evaluator(evaluated, new EvaluationOptions { Episodes = Task.EpisodesPerEvaluation })))
        {
            run.Resume();
            run.Run(cancellationToken);
            if (run.Steps < Steps || cancellationToken.IsCancellationRequested)
                return null;
            EvaluationResult score = new Evaluator(
                scored, new EvaluationOptions { FirstSeed = FirstScoreSeed, Episodes = Task.Episodes }).Evaluate(agent.EvaluationNetwork);
            result = new CellResult(
                Task.Name, Agent.Name, Seed, Steps, score.Mean, score.StandardDeviation, Task.Episodes,
                run.Returns.Count > 0 ? run.Returns.Mean : double.NaN, run.TrainingTime.TotalSeconds, agent.Updates, Settings,
                Machine.Version, machine, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm}", command);
        }

        Directory.Delete(Path.Combine(folder, "checkpoints"), recursive: true);
        ImmutableArray<CurvePoint> curve =
        [
            .. RunHistory.Read(folder).Series(RunHistory.EvaluationMeanColumn)
                .Select(point => new CurvePoint(Key, point.Step, point.Value)),
        ];
        return (result, curve);
    }
}
