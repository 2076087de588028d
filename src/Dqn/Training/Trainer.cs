using System.Diagnostics;
using System.Globalization;
using Dqn.Agents;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Values;
using Microsoft.Extensions.Logging;

namespace Dqn.Training;

/// <summary>
/// Training in one call: for a task of one's own, before anything else is needed. A <see cref="TrainingRun"/> keeps a
/// history, saves and resumes besides.
/// </summary>
/// <example><code>
/// using IEnvironment environment = new CartPoleEnvironment().WithTimeLimit(500);
/// using DqnAgent agent = Trainer.Train(environment, steps: 50_000);
/// using var policy = new GreedyPolicy(agent.EvaluationNetwork, environment);
/// policy.Save("cartpole.safetensors");
/// </code></example>
public static partial class Trainer
{
    // How often an evaluator is asked.
    private const int Evaluations = 20;

    private static readonly TimeSpan s_reportInterval = TimeSpan.FromSeconds(2);

    /// <summary>Makes an agent for an environment and trains it.</summary>
    /// <param name="environment">The task; it stays the caller's.</param>
    /// <param name="steps">How many agent steps, at least 1.</param>
    /// <param name="options">How the agent acts and learns; null for <see cref="OptionsFor"/> the task and the steps.</param>
    /// <param name="seed">Of the network, of exploration and sampling, and of the environment.</param>
    /// <param name="evaluator">
    /// Evaluates after each twentieth of the steps, on an environment of its own; the agent ends with the weights of the
    /// best evaluation. Null keeps those of the last step.
    /// </param>
    /// <param name="conformance">
    /// For finding faults: makes an environment like <paramref name="environment"/>, which
    /// <see cref="EnvironmentConformance"/> checks before the first step. Null checks nothing.
    /// </param>
    /// <param name="logger">Is told how it goes every two seconds; null writes a line to the console instead.</param>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <returns>The trained agent, the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">
    /// The observations are of no kind that a network is made for: the message names the cure. Or the evaluator steps the
    /// environment that is trained in, or another task.
    /// </exception>
    /// <exception cref="EnvironmentConformanceException">The environment breaks a promise: the message says which.</exception>
    /// <exception cref="TrainingDivergedException">Loss, gradients or weights are not finite any more.</exception>
    public static DqnAgent Train(
        IEnvironment environment, long steps, DqnOptions? options = null, ulong seed = 1, Evaluator? evaluator = null,
        Func<IEnvironment>? conformance = null, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (conformance is not null)
            EnvironmentConformance.Check(conformance);
        DqnAgent agent = DqnAgent.Create(environment.Spec, options ?? OptionsFor(environment.Spec, steps), seed);
        try
        {
            Train(agent, environment, steps, seed, evaluator, logger, cancellationToken);
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
    /// <param name="evaluator">
    /// Evaluates after each twentieth of the steps, on an environment of its own; the agent ends with the weights of the
    /// best evaluation. Null keeps those of the last step.
    /// </param>
    /// <param name="logger">Is told how it goes every two seconds; null writes a line to the console instead.</param>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <exception cref="ArgumentException">
    /// The environment does not fit the agent; or the evaluator steps the environment that is trained in, or another task.
    /// </exception>
    /// <exception cref="TrainingDivergedException">Loss, gradients or weights are not finite any more.</exception>
    public static void Train(
        this DqnAgent agent, IEnvironment environment, long steps, ulong seed = 1, Evaluator? evaluator = null,
        ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var loop = new TrainingLoop(agent, environment, seed);
        using BestNetwork? best = evaluator is null
            ? null
            : new BestNetwork(agent, agent.SynchronizeTarget, evaluator, [environment]);
        Run(agent, loop, steps, best, logger, cancellationToken);
    }

    /// <summary>Trains an agent of several environments.</summary>
    /// <param name="agent">Who learns.</param>
    /// <param name="environments">
    /// The task, as often as the agent acts in it, not of <see cref="AutoresetMode.SameStep"/>; they stay the caller's.
    /// </param>
    /// <param name="steps">How many agent steps, those of all environments counted, at least 1.</param>
    /// <param name="seed">Of the environments' first episodes.</param>
    /// <param name="evaluator">
    /// Evaluates after each twentieth of the steps, on an environment of its own; the agent ends with the weights of the
    /// best evaluation. Null keeps those of the last step.
    /// </param>
    /// <param name="logger">Is told how it goes every two seconds; null writes a line to the console instead.</param>
    /// <param name="cancellationToken">Ends the training early.</param>
    /// <exception cref="ArgumentException">
    /// The environments do not fit the agent; or the evaluator steps one that is trained in, or another task.
    /// </exception>
    /// <exception cref="TrainingDivergedException">Loss, gradients or weights are not finite any more.</exception>
    public static void Train(
        this PqnAgent agent, VectorEnvironment environments, long steps, ulong seed = 1, Evaluator? evaluator = null,
        ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(agent);
        ArgumentNullException.ThrowIfNull(environments);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var loop = new TrainingLoop(agent, environments, seed);
        using BestNetwork? best = evaluator is null
            ? null
            : new BestNetwork(agent, agent.SynchronizeAverage, evaluator, environments.Environments);
        Run(agent, loop, steps, best, logger, cancellationToken);
    }

    private static void Run(
        IAgent agent, TrainingLoop loop, long steps, BestNetwork? best, ILogger? logger, CancellationToken cancellationToken)
    {
        var metrics = new TrainingMetrics();
        long interval = Math.Max(1, steps / Evaluations);
        var training = Stopwatch.StartNew();
        TimeSpan reported = default;
        loop.Run(steps, step =>
        {
            metrics.Add(step);
            bool last = step.Number == steps;
            if (last || training.Elapsed - reported >= s_reportInterval)
            {
                reported = training.Elapsed;
                double pace = step.Number / reported.TotalSeconds;
                double mean = metrics.Returns.Mean;
                if (logger is null)
                    Console.WriteLine(Line(step.Number, steps, loop.Episodes, mean, agent.Epsilon, pace));
                else
                    LogProgress(logger, step.Number, steps, loop.Episodes, mean, agent.Epsilon, pace);
            }

            if (best is null || (!last && step.Number % interval != 0))
                return;
            training.Stop();
            if (best.Evaluate(step.Number, cancellationToken) is { } evaluation)
                Report(logger, step.Number, evaluation);
            training.Start();
        }, cancellationToken);
        best?.Restore();
    }

    /// <summary>
    /// Options that learn most tasks of a kind, with schedules that fit a run's length: ε falls over the first fifth. For
    /// pictures the usual ones of Double DQN with Adam. For numbers they are made so that values neither grow without end
    /// nor the last update decides (<c>benchmarks/Dqn.Benchmarks -- cartpole recipe</c> leaves out one part each):
    /// <list type="bullet">
    /// <item>Layer normalisation bounds how far a value can be off where no data is, so that bootstrapping from it does not
    /// diverge: M. Gallici et al., "Simplifying deep temporal difference learning" (2024).</item>
    /// <item>2-step returns: what follows reaches a step in half as many updates of the target network. Steps from long ago,
    /// when nearly all actions were random, would tell such returns wrong, so the buffer keeps a fifth of the run, though at
    /// least 10,000 steps.</item>
    /// <item>The learning rate falls to a hundredth, and what is evaluated is the average of about the last twenty-fifth of
    /// the updates, at most a thousand: where all actions are nearly worth the same, single updates still change which one
    /// is the best.</item>
    /// </list>
    /// A start: the best ones for a task are found by trying. A network of one's own has to have a layer normalisation, or
    /// the options to be changed: <c>options with { Architecture = new() }</c>.
    /// </summary>
    /// <param name="spec">The task's observations and actions.</param>
    /// <param name="steps">How many agent steps the run has, at least 1.</param>
    public static DqnOptions OptionsFor(EnvironmentSpec spec, long steps)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        bool numbers = spec.ElementType == ElementType.Single;
        double learningRate = numbers ? 1e-3 : 2.5e-4;
        var options = new DqnOptions
        {
            Epsilon = new EpsilonSchedule(1, 0.05, Math.Max(1, steps / 5)),
            DoubleDqn = true,
            Network = new QNetworkOptions
            {
                Optimizer = new AdamOptions { LearningRate = learningRate },
                Loss = Loss.SmoothL1,
                MaxGradientNorm = 10,
            },
        };
        return numbers
            ? options with
            {
                WarmupSteps = Math.Min(1_000, steps / 20),
                BufferCapacity = Math.Min(Math.Clamp(steps / 5, 10_000, 100_000), steps),
                BatchSize = 64,
                UpdatePeriod = 2,
                TargetUpdatePeriod = 200,
                NStep = 2,
                LearningRate = new LearningRateSchedule(learningRate, learningRate / 100, steps),
                EvaluationAverage = Math.Clamp(1 - 50.0 / steps, 0, 0.999), // Over a twenty-fifth of the updates.
                Architecture = new ActionValueOptions { LayerNorm = true },
            }
            : options with
            {
                WarmupSteps = Math.Min(5_000, steps / 20),
                BufferCapacity = Math.Min(100_000, steps),
                UpdatePeriod = 4,
                TargetUpdatePeriod = Math.Clamp(steps / 100, 200, 10_000),
            };
    }

    private static string Line(long step, long steps, long episodes, double mean, double epsilon, double pace) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {step,9:N0} of {steps:N0}  episodes {episodes,6:N0}  mean return {mean,8:0.00}  epsilon {epsilon:0.000}  {pace:N0} steps/s");

    private static void Report(ILogger? logger, long step, EvaluationResult evaluation)
    {
        if (logger is null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step,9:N0} evaluated: {evaluation}"));
        else
            LogEvaluated(logger, step, evaluation.Mean, evaluation.StandardDeviation, evaluation.Episodes.Length);
    }

    [LoggerMessage(
        EventId = TrainingLogEvents.TrainingProgress, EventName = nameof(TrainingLogEvents.TrainingProgress), Level = LogLevel.Information,
        Message = "Step {Step} of {Steps}: {Episodes} episodes, mean return {MeanReturn}, epsilon {Epsilon}, {StepsPerSecond} steps/s")]
    private static partial void LogProgress(
        ILogger logger, long step, long steps, long episodes, double meanReturn, double epsilon, double stepsPerSecond);

    [LoggerMessage(
        EventId = TrainingLogEvents.Evaluated, EventName = nameof(TrainingLogEvents.Evaluated), Level = LogLevel.Information,
        Message = "Evaluated after step {Step}: mean return {Mean} ± {StandardDeviation}, {Episodes} episodes")]
    private static partial void LogEvaluated(ILogger logger, long step, double mean, double standardDeviation, int episodes);
}
