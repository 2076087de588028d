namespace Dqn.Replay;

/// <summary>
/// Feeds a copy of a buffer's frames that is kept elsewhere, in a GPU's memory: gives each new frame once, in runs of
/// places that lie side by side, and everything again once other contents have been loaded. The copy has
/// <see cref="ReplayBuffer.PlaceCount"/> places; <see cref="ReplayBuffer.ReadPlaces"/> says which of them a batch shows.
/// </summary>
/// <param name="replay">Whose frames.</param>
public sealed class FrameFeed(ReplayBuffer replay)
{
    private readonly ReplayBuffer _replay = replay ?? throw new ArgumentNullException(nameof(replay));
    private readonly long[] _next = new long[replay.Lanes]; // The number of each lane's next frame.
    private int _generation = replay.Generation;

    /// <summary>
    /// The next run of frames that the copy lacks. To be called until there is none, before places are looked up: what
    /// the copy has at a place is then what the buffer has there, wherever a transition needs it.
    /// </summary>
    /// <param name="place">Where the run begins.</param>
    /// <param name="frames">[count, frame bytes], valid until the buffer changes.</param>
    /// <returns>False where the copy lacks nothing.</returns>
    /// <exception cref="InvalidOperationException">The buffer is being loaded; segments are missing.</exception>
    public bool TryNext(out long place, out ReadOnlySpan<byte> frames)
    {
        if (_generation != _replay.Generation)
        {
            _generation = _replay.Generation;
            Array.Clear(_next);
        }

        for (int lane = 0; lane < _next.Length; lane++)
            if (_replay.TryReadRun(lane, ref _next[lane], out place, out frames))
                return true;
        place = 0;
        frames = [];
        return false;
    }
}
