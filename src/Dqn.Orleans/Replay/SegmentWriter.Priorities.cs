using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <content>
/// First priorities from the values that the actor computed anyway to act. Source: D. Horgan et al., "Distributed prioritized
/// experience replay" (2018): without them every new transition would have to be the most important one.
/// </content>
internal sealed partial class SegmentWriter
{
    /// <summary>
    /// |r₁ + … + γᵐ⁻¹ rₘ + γᵐ v(s + m) − q(s, a)| of each of the window's transitions, over the steps that its return takes.
    /// After a truncation, the last frame's value is that of the frame before.
    /// </summary>
    private float[] FirstPriorities(int end, int transitions)
    {
        var priorities = new float[transitions];
        int next = 0;
        for (int place = _start; place < end; place++)
            if (HasTransition(place))
                priorities[next++] = FirstPriority(place);
        return priorities;
    }

    private float FirstPriority(int place)
    {
        double target = 0, factor = 1;
        int next = place;
        do
        {
            target += factor * _rewards[next];
            factor *= ((ReplayFlags)_flags[next] & ReplayFlags.Terminated) != 0 ? 0 : _discount;
            next++;
        }
        while (factor > 0 && next < place + _format.Steps && HasTransition(next));

        double error = Math.Abs(target + factor * _stateValues[next] - _actionValues[place]);
        return (float)Math.Min(error, float.MaxValue);
    }
}
