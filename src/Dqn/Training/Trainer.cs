using System.Diagnostics;
using System.Globalization;
using Dqn.Agents;
using Dqn.Environments;
using Microsoft.Extensions.Logging;

namespace Dqn.Training;

/// <summary>
/// Training in one call: for a task of one's own, before anything else is needed. A <see cref="TrainingRun"/> evaluates,
/// keeps the best weights, and saves and resumes besides.
/// </summary>
/// <example><code>
/// using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
/// using DqnAgent agent = Trainer.Train(environment, steps: 50_000);
/// using var policy = new GreedyPolicy(agent.EvaluationNetwork, environment);
/// policy.Save("cartpole.safetensors");
/// </code></example>
public static partial class Trainer
{
    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(2);

    /// <summary>Makes an agent for an environment and trains it.</summary>
    /// <param name="environment">The task; it stays the caller's.</param>
    /// <param name="steps">How many agent steps, at least 1.</param>
    /// <param name="options">How the agent acts and learns; null for <see cref="OptionsFor"/> the task and the steps.</param>
    /// <param name="seed">Of the network, of exploration and sampling, and of the environment.</param>
    /// <param name="logger">Is told how it goes every two seconds; null writes a line to the console instead.</param>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <returns>The trained agent, the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">
    /// The observations are of no kind that a network is made for: the message names the cure.
    /// </exception>
    public static DqnAgent Train(
        IEnvironment environment, long steps, DqnOptions? options = null, ulong seed = 1, ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        DqnAgent agent = DqnAgent.Create(environment.Spec, options ?? OptionsFor(environment.Spec, steps), seed);
        try
        {
            Train(agent, environment, steps, seed, logger, cancellationToken);
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    /// <summary>Trains an agent that there is already.</summary>
    /// <param name="agent">Who learns; it acts in one environment.</param>
    /// <param name="environment">The task; it stays the caller's.</param>
    /// <param name="steps">How many agent steps, at least 1.</param>
    /// <param name="seed">Of the environment's first episode.</param>
    /// <param name="logger">Is told how it goes every two seconds; null writes a line to the console instead.</param>
    /// <param name="cancellationToken">Ends the training early.</param>
    public static void Train(
        this DqnAgent agent, IEnvironment environment, long steps, ulong seed = 1, ILogger? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var metrics = new TrainingMetrics();
        var loop = new TrainingLoop(agent, environment, seed);
        long start = Stopwatch.GetTimestamp(), reported = start;
        loop.Run(steps, step =>
        {
            metrics.Add(step);
            bool last = step.Number == steps;
            if (!last && Stopwatch.GetElapsedTime(reported) < s_reportInterval)
                return;
            reported = Stopwatch.GetTimestamp();
            double pace = step.Number / Stopwatch.GetElapsedTime(start).TotalSeconds;
            double mean = metrics.Returns.Mean;
            if (logger is null)
                Console.WriteLine(Line(step.Number, steps, loop.Episodes, mean, agent.Epsilon, pace));
            else
                LogProgress(logger, step.Number, steps, loop.Episodes, mean, agent.Epsilon, pace);
        }, cancellationToken);
    }

    /// <summary>
    /// Options that learn most tasks of a kind, with schedules that fit a run's length: ε falls over the first fifth. For
    /// numbers those that balance CartPole's pole within 20,000 steps; for pictures the usual ones of Double DQN with Adam.
    /// A start: the best ones for a task are found by trying.
    /// </summary>
    /// <param name="spec">The task's observations and actions.</param>
    /// <param name="steps">How many agent steps the run has, at least 1.</param>
    public static DqnOptions OptionsFor(EnvironmentSpec spec, long steps)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        bool numbers = spec.ElementType == ElementType.Single;
        return new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps / 5)),
            WarmupSteps = Math.Min(numbers ? 1_000 : 5_000, steps / 20),
            BufferCapacity = Math.Min(100_000, steps),
            BatchSize = numbers ? 128 : 32,
            UpdatePeriod = numbers ? 2 : 4,
            TargetUpdatePeriod = numbers ? 200 : Math.Clamp(steps / 100, 200, 10_000),
            DoubleDqn = true,
            Network = new Networks.QNetworkOptions
            {
                Optimizer = new Networks.AdamOptions { LearningRate = numbers ? 5e-4 : 2.5e-4 },
                Loss = Values.Loss.SmoothL1,
                MaxGradientNorm = 10,
            },
        };
    }

    private static string Line(long step, long steps, long episodes, double mean, double epsilon, double pace) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {step,9:N0} of {steps:N0}  episodes {episodes,6:N0}  return {mean,8:0.00}  epsilon {epsilon:0.000}  {pace:N0} steps/s");

    [LoggerMessage(
        EventId = 10, EventName = "TrainingProgress", Level = LogLevel.Information,
        Message = "Step {Step} of {Steps}: {Episodes} episodes, mean return {MeanReturn}, epsilon {Epsilon}, {StepsPerSecond} steps/s")]
    private static partial void LogProgress(
        ILogger logger, long step, long steps, long episodes, double meanReturn, double epsilon, double stepsPerSecond);
}
