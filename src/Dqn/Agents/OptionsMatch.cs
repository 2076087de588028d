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

        if (network.Distribution is not SingleValue && options.Munchausen is not null)
        {
            throw new ArgumentException(
                $"Expected a network with a {nameof(SingleValue)} for {nameof(DqnOptions.Munchausen)}, whose rules are " +
                $"for values, got one with a {network.Distribution}.", nameof(options));
        }

        if (options.EvaluationRisk < 1 && network is not IRiskAware { Distribution: QuantileDistribution })
        {
            throw new ArgumentException(
                $"Expected a network with a {nameof(QuantileDistribution)} for {nameof(DqnOptions.EvaluationRisk)}, that " +
                $"is {nameof(IRiskAware)}, got a {network.GetType().Name} with a {network.Distribution}.", nameof(options));
        }

        if (options.Environments == 1 && options.Epsilon.Ladder > 0)
        {
            throw new ArgumentException(
                $"Expected several {nameof(DqnOptions.Environments)} beside {nameof(EpsilonSchedule)}." +
                $"{nameof(EpsilonSchedule.Ladder)}, got 1 and a ladder of {options.Epsilon.Ladder}: set it to 0, since one " +
                "environment explores with ε itself.", nameof(options));
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
