using Dqn.Replay;

namespace Dqn.Orleans.Replay;

/// <content>What arguments have to be.</content>
internal sealed partial class SegmentWriter
{
    private ReadOnlySpan<byte> NewestFrame(ReadOnlySpan<byte> observation) => observation.Length == _format.ObservationBytes
        ? observation[^_format.FrameBytes..]
        : throw new ArgumentException(
            $"Expected an observation of {_format.ObservationBytes} bytes, got {observation.Length}.", nameof(observation));

    private void RequireMask(ReadOnlySpan<bool> legalActions, bool mayBeNone, string name)
    {
        if (legalActions.Length != _format.MaskedActions && !(mayBeNone && legalActions.IsEmpty))
        {
            throw new ArgumentException(
                $"Expected which of {_format.MaskedActions} actions are legal (0: no mask), got a mask of {legalActions.Length}.", name);
        }

        if (_format.MaskedActions > 0 && !mayBeNone && !legalActions.Contains(true))
            throw new ArgumentException("Expected at least one legal action where the task goes on, got none.", name);
    }

    private void RequireLegal(int action)
    {
        if (_format.MaskedActions == 0)
            return;
        ReadOnlySpan<byte> mask = _legalActions.AsSpan((_places - 1) * _format.MaskBytes, _format.MaskBytes);
        if (action >= _format.MaskedActions || !LegalActionBits.Contains(mask, action))
        {
            throw new ArgumentException(
                $"Expected an action that was legal when it was taken, got {action}: its mask came with the observation before.",
                nameof(action));
        }
    }

    private static void RequireFinite(float value, string name)
    {
        if (!float.IsFinite(value))
            throw new ArgumentOutOfRangeException(name, value, $"Expected a finite {name}.");
    }
}
