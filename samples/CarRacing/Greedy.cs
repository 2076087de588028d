using Dqn.Agents;
using Dqn.Networks;
using Dqn.Training;

namespace Dqn.Samples.CarRacing;

/// <summary>The action that a network values most.</summary>
internal static class Greedy
{
    public static Policy Policy(IQNetwork network)
    {
        network.ClearNoise();
        var values = new float[network.ActionCount];
        return observation =>
        {
            network.Evaluate(observation, values);
            return TemporalDifference.GreedyAction(values);
        };
    }
}
