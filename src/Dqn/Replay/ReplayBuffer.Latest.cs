namespace Dqn.Replay;

/// <content>The latest transitions in their order, for who learns from all of them at once.</content>
public sealed partial class ReplayBuffer
{
    /// <summary>How many transitions a lane keeps.</summary>
    internal long CountOf(int lane) => _lanes[lane].Count;

    /// <summary>The numbers of a lane's latest transitions, oldest first.</summary>
    /// <param name="lane">Which.</param>
    /// <param name="ids">Destination, at most <see cref="CountOf"/>.</param>
    internal void ReadLatest(int lane, Span<long> ids)
    {
        FrameRing ring = _lanes[lane];
        long frame = ring.Newest;
        for (int i = ids.Length - 1; i >= 0; i--)
        {
            do
                frame--;
            while (!ring.HasTransition(frame));
            ids[i] = frame * Lanes + lane;
        }
    }
}
