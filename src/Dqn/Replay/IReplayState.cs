namespace Dqn.Replay;

/// <summary>
/// A memory that is saved in pieces: a few numbers at once, transitions segment by segment, so that a checkpoint can keep
/// the segments of the one before that have not changed since.
/// </summary>
/// <example><code>
/// IReplayState memory = replay;
/// memory.SaveState(writer);
/// for (int segment = 0; segment &lt; memory.SegmentCount; segment++)
///     memory.WriteSegment(segment, stream);
/// </code></example>
public interface IReplayState
{
    /// <summary>How many segments there are, those not used yet included.</summary>
    int SegmentCount { get; }

    /// <summary>
    /// A number that grows whenever something in the segment changes, 0 while it has never been used. It goes on from
    /// where it stood after <see cref="LoadState"/>. Two runs that part after a common checkpoint can give the same
    /// number to different contents: compare only with what this run has written or loaded.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    long SegmentVersion(int index);

    /// <summary>Writes one segment: the places used so far.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    void WriteSegment(int index, Stream stream);

    /// <summary>
    /// Reads what <see cref="WriteSegment"/> wrote. After <see cref="LoadState"/> every segment whose
    /// <see cref="SegmentVersion"/> is not 0 has to be read before the memory can be used again.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such segment.</exception>
    /// <exception cref="InvalidOperationException">The segment is not one that waits to be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The data is not this segment or is cut short: it still waits to be read. Or the segments, all read now, do not
    /// fit what <see cref="LoadState"/> read: the memory is empty then.
    /// </exception>
    void ReadSegment(int index, Stream stream);

    /// <summary>Writes everything but the segments' contents.</summary>
    void SaveState(BinaryWriter writer);

    /// <summary>
    /// Reads what <see cref="SaveState"/> wrote on one made the same way; what was remembered is lost.
    /// <see cref="ReadSegment"/> has to follow for every segment that is in use.
    /// </summary>
    /// <exception cref="InvalidDataException">The state is damaged or of another memory. Nothing has changed then.</exception>
    void LoadState(BinaryReader reader);
}
