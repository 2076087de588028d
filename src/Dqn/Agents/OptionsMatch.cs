using System.Text.Json.Nodes;
using Dqn.Environments;
using Dqn.Networks;
using Dqn.Values;

namespace Dqn.Agents;

/// <summary>Whether options go together, with each other and with a network; and what of them a run's results depend on.</summary>
internal static class OptionsMatch
{
    /// <summary>Throws where options contradict each other or the network, or would be ignored.</summary>
    /// <exception cref="ArgumentException">The message says what was expected.</exception>
    public static void Require(IQNetwork network, EnvironmentSpec spec, DqnOptions options)
    {
        NetworkMatch.Require(network, spec);
        NetworkMatch.Require(network, options);
        if (options.ImportanceSteps > 0 && options.Prioritized is null)
        {
            throw new ArgumentException(
                $"Expected {nameof(DqnOptions.Prioritized)} beside {nameof(DqnOptions.ImportanceSteps)}, got " +
                $"{options.ImportanceSteps} steps without: set {nameof(DqnOptions.ImportanceSteps)} to 0 where replay is " +
                "not prioritized.", nameof(options));
        }

        if (options.DoubleDqn && options.Munchausen is not null)
        {
            throw new ArgumentException(
                $"Expected {nameof(DqnOptions.DoubleDqn)} or {nameof(DqnOptions.Munchausen)}, got both: each says " +
                "what a next state is worth.", nameof(options));
        }

        if (options.AdvantageLearning > 0 && options.Munchausen is not null)
        {
            throw new ArgumentException(
                $"Expected {nameof(DqnOptions.AdvantageLearning)} or {nameof(DqnOptions.Munchausen)}, got both: each " +
                "widens the gaps between actions.", nameof(options));
        }

        if (network.Distribution is CategoricalDistribution && options.Munchausen is not null)
        {
            throw new ArgumentException(
                $"Expected a network of single values or quantiles for {nameof(DqnOptions.Munchausen)}, whose rules shift " +
                $"returns, got one with a {network.Distribution}.", nameof(options));
        }

        if (options.EvaluationRisk < 1
            && (network is not IRiskAware || network.Distribution.AtRisk(options.EvaluationRisk) is null))
        {
            throw new ArgumentException(
                $"Expected a network with a {nameof(QuantileDistribution)} or {nameof(ImplicitQuantileDistribution)} for " +
                $"{nameof(DqnOptions.EvaluationRisk)}, that is {nameof(IRiskAware)}, got a {network.GetType().Name} with a " +
                $"{network.Distribution}.", nameof(options));
        }

        RequireMeaning(options.Horizon, options);
        if (options.Resets is not null && network is not IResettable)
        {
            throw new ArgumentException(
                $"Expected a network that is {nameof(IResettable)} for {nameof(DqnOptions.Resets)}, a {nameof(QNetwork)} say, " +
                $"got a {network.GetType().Name}.", nameof(options));
        }

        if (options.Resets is { } resets && resets.Until < resets.Period)
        {
            throw new ArgumentException(
                $"Expected {nameof(DqnOptions.Resets)}.{nameof(ResetOptions.Until)} to be at least as many updates as its " +
                $"{nameof(ResetOptions.Period)}, {resets.Period}, got {resets.Until}: there would be none. Set " +
                $"{nameof(DqnOptions.Resets)} to null for none.", nameof(options));
        }

        if (options.Environments == 1 && options.Epsilon.Ladder > 0)
        {
            throw new ArgumentException(
                $"Expected several {nameof(DqnOptions.Environments)} beside {nameof(EpsilonSchedule)}." +
                $"{nameof(EpsilonSchedule.Ladder)}, got 1 and a ladder of {options.Epsilon.Ladder}: set it to 0, since one " +
                "environment explores with ε itself.", nameof(options));
        }
    }

    private static void RequireMeaning(HorizonSchedule? horizon, DqnOptions options)
    {
        if (horizon is null)
            return;
        if (horizon.NStep == options.NStep && horizon.Discount == options.Discount)
        {
            throw new ArgumentException(
                $"Expected a {nameof(DqnOptions.Horizon)} that begins with another {nameof(DqnOptions.NStep)} or " +
                $"{nameof(DqnOptions.Discount)} than the options have, got {options.NStep} and {options.Discount} in both: " +
                "nothing would change.", nameof(options));
        }

        if (horizon.Discount != options.Discount && options.Discount == 1)
        {
            throw new ArgumentException(
                $"Expected a {nameof(DqnOptions.Discount)} below 1 beside {nameof(DqnOptions.Horizon)}, got 1: 1 − γ falls " +
                $"by equal factors and never gets to 0. Set {nameof(HorizonSchedule)}.{nameof(HorizonSchedule.Discount)} to " +
                "1, too, if only n is to change.", nameof(options));
        }
    }

    /// <summary>All but what is said of the network, which knows its own, and what changes nothing.</summary>
    public static JsonObject Describe(DqnOptions options)
    {
        JsonObject agent = options.ToJson();
        agent.Remove("network");
        agent.Remove("architecture");
        agent.Remove("cacheTargetValues");
        return agent;
    }
}
