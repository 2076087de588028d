using Dqn.Randomness;
using Dqn.Threading;

namespace Dqn.Replay;

// What prioritized replay adds: who is drawn, with which weight, and what is learnt about it.
public sealed partial class ReplayBuffer
{
    private ReplayPriorities? _priorities;

    /// <summary>How transitions are prioritized; null: they are not, all are as likely.</summary>
    public PrioritizedReplayOptions? Prioritized => _priorities?.Options;

    /// <summary>
    /// Says how large the errors of transitions were that have been learnt from, as a batch of which one has come back.
    /// Those that have been overwritten since are passed over.
    /// </summary>
    /// <param name="ids">[batch], as in <see cref="TransitionBatch.Ids"/>; of one that occurs twice the last counts.</param>
    /// <param name="tdErrors">δ, [batch], finite; the sign does not matter.</param>
    /// <exception cref="ArgumentException">The lengths differ, or an error is not finite. Nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">The buffer is not prioritized.</exception>
    public void UpdatePriorities(ReadOnlySpan<long> ids, ReadOnlySpan<float> tdErrors)
    {
        using SingleCaller.Visit visit = Enter();
        ThrowIfIncomplete();
        if (_priorities is null)
            throw new InvalidOperationException("Expected a prioritized replay buffer, got a uniform one.");
        if (ids.Length != tdErrors.Length)
        {
            throw new ArgumentException(
                $"Expected as many errors as transitions, {ids.Length}, got {tdErrors.Length}.", nameof(tdErrors));
        }

        foreach (float tdError in tdErrors)
            if (!float.IsFinite(tdError))
                throw new ArgumentException($"Expected finite errors, got {tdError}.", nameof(tdErrors));
        for (int i = 0; i < ids.Length; i++)
            if (ids[i] >= 0 && Locate(ids[i], out long frame).HasTransition(frame))
                _priorities.Update(ids[i], tdErrors[i]);
    }

    private static ReplayPriorities? MakePriorities(long capacity, PrioritizedReplayOptions? options)
    {
        if (options is null)
            return null;
        return capacity <= SumTree.MaxLeaves
            ? new ReplayPriorities((int)capacity, options)
            : throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity, $"Expected at most {SumTree.MaxLeaves} frames in a prioritized buffer.");
    }

    /// <summary>A frame has come to a lane: the one before it is among those that can be drawn, or certainly not.</summary>
    private void Prioritize(int lane)
    {
        FrameRing ring = _lanes[lane];
        if (_priorities is null || ring.FramesBeforeNewest == 0)
            return;
        long frame = ring.Newest - 1, id = frame * Lanes + lane;
        if (ring.HasTransition(frame))
            _priorities.Add(id);
        else
            _priorities.Remove(id);
    }

    private void DrawPrioritized(ReplayPriorities priorities, Pcg64 random, TransitionBatch batch, double exponent)
    {
        for (int i = 0; i < batch.Size; i++)
        {
            // The one frame of the lane's last ones that lies in the slot.
            long place = Math.DivRem(priorities.DrawSlot(random, i, batch.Size), Lanes, out int lane);
            FrameRing ring = _lanes[lane];
            long behind = (place - ring.Oldest) % ring.Capacity;
            long frame = ring.Oldest + (behind < 0 ? behind + ring.Capacity : behind);
            batch.Ids[i] = frame * Lanes + lane;
        }

        priorities.Weights(batch.Ids, exponent, batch.Weights);
    }

    private void SavePriorities(BinaryWriter writer)
    {
        _priorities?.SaveState(writer);
        for (int lane = 0; _priorities is not null && lane < Lanes; lane++)
        {
            FrameRing ring = _lanes[lane];
            for (long frame = ring.Oldest; frame < ring.Newest; frame++)
                writer.Write(_priorities.Likelihood(frame * Lanes + lane));
        }
    }

    /// <summary>The priorities of a buffer with lanes in these states; the flags they go with are not known yet.</summary>
    private ReplayPriorities? ReadPriorities(BinaryReader reader, FrameRing.State[] lanes)
    {
        if (MakePriorities(Capacity, Prioritized) is not { } priorities)
            return null;
        priorities.LoadState(reader);
        for (int lane = 0; lane < lanes.Length; lane++)
        {
            long newest = lanes[lane].Next - 1;
            for (long frame = Math.Max(0, newest - _lanes[lane].Capacity); frame < newest; frame++)
                priorities.LoadLikelihood(reader, frame * Lanes + lane);
        }

        return priorities;
    }

    /// <summary>Drawing relies on transitions being likely, other frames not.</summary>
    private void CheckPriorities()
    {
        for (int lane = 0; _priorities is not null && lane < Lanes; lane++)
        {
            FrameRing ring = _lanes[lane];
            for (long frame = ring.Oldest; frame < ring.Newest; frame++)
            {
                if (ring.HasTransition(frame) != _priorities.Likelihood(frame * Lanes + lane) > 0)
                {
                    throw new InvalidDataException(
                        $"Replay segments do not fit the replay state: the priority of lane {lane}'s frame {frame}.");
                }
            }
        }
    }
}
