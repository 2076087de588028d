using Dqn.Threading;

namespace Dqn.Replay;

/// <content>Saving: the transitions as the buffer saves them, each one's likelihood beside them.</content>
public sealed partial class PrioritizedReplayBuffer
{
    /// <inheritdoc/>
    public int SegmentCount => Local.SegmentCount;

    /// <inheritdoc/>
    public long SegmentVersion(int index) => Local.SegmentVersion(index);

    /// <inheritdoc/>
    public void WriteSegment(int index, Stream stream) => Local.WriteSegment(index, stream);

    /// <inheritdoc/>
    public void ReadSegment(int index, Stream stream)
    {
        using SingleCaller.Visit visit = Local.Enter();
        bool last = Local.UnreadSegments == 1;
        try
        {
            Local.ReadSegment(index, stream);
            if (Local.UnreadSegments == 0)
                RequireFittingPriorities();
        }
        catch (InvalidDataException) when (last && Local.UnreadSegments == 0)
        {
            Local.Clear();
            _priorities = new ReplayPriorities((int)Capacity, Options);
            throw;
        }
    }

    /// <inheritdoc/>
    public void SaveState(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using SingleCaller.Visit visit = Local.Enter();
        Local.WriteState(writer, prioritized: true);
        _priorities.SaveState(writer);
        for (int lane = 0; lane < Lanes; lane++)
            foreach (long id in Local.IdsBeforeNewest(lane))
                writer.Write(_priorities.Likelihood(id));
    }

    /// <inheritdoc/>
    public void LoadState(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using SingleCaller.Visit visit = Local.Enter();
        try
        {
            FrameRing.State[] lanes = Local.ReadState(reader, prioritized: true);
            ReplayPriorities priorities = ReadPriorities(reader, lanes);
            Local.Restore(lanes);
            _priorities = priorities;
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("Replay state: the data is cut short.", e);
        }
    }

    /// <summary>The priorities of a buffer with lanes in these states; the flags they go with are not known yet.</summary>
    private ReplayPriorities ReadPriorities(BinaryReader reader, FrameRing.State[] lanes)
    {
        var priorities = new ReplayPriorities((int)Capacity, Options);
        priorities.LoadState(reader);
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            long newest = lanes[lane].Next - 1;
            for (long frame = Math.Max(0, newest - Capacity / Lanes); frame < newest; frame++)
                priorities.LoadLikelihood(reader, frame * Lanes + lane);
        }

        return priorities;
    }

    /// <summary>Drawing relies on transitions being likely, other frames not.</summary>
    private void RequireFittingPriorities()
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            foreach (long id in Local.IdsBeforeNewest(lane))
            {
                if (Local.HasTransition(id) != _priorities.Likelihood(id) > 0)
                {
                    throw new InvalidDataException(
                        $"Replay segments do not fit the replay state: the priority of lane {lane}'s frame {id / Lanes}.");
                }
            }
        }
    }
}
