using System.Runtime.InteropServices;
using Dqn.Replay;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// A replay buffer's frames on the device, place by place: [places, frame]. Each goes there once, in runs, before the
/// next update.
/// </summary>
internal sealed class TorchFrames : IDisposable
{
    private const long SpareBytes = 256 << 20;
    private const int StageBytes = 8 << 20;

    private readonly Device _device;
    private readonly FrameFeed _feed;
    private readonly Tensor _frames;
    private readonly TorchStage _stage;
    private readonly int _frameBytes;
    private readonly int _stageFrames;

    private TorchFrames(ReplayBuffer replay, Tensor frames, Device device)
    {
        (_feed, _frames, _device, _frameBytes) = (new FrameFeed(replay), frames, device, replay.FrameBytes);
        _stage = new TorchStage(device, frames.dtype);
        _stageFrames = Math.Max(1, StageBytes / _frameBytes);
    }

    /// <summary>Makes room for all frames; null where that is not wanted, the frames
    /// lie elsewhere, or there is no room and none was demanded.</summary>
    /// <exception cref="InvalidOperationException">It was demanded.</exception>
    public static TorchFrames? Create(ReplayBuffer? replay, bool? wanted, Device device, bool pixels)
    {
        bool cuda = device.type == DeviceType.CUDA;
        if (replay is null || !(wanted ?? cuda))
            return null;
        using DisposeScope scope = NewDisposeScope();
        try
        {
            Tensor frames = pixels
                ? empty(replay.PlaceCount, replay.FrameBytes, ScalarType.Byte, device)
                : empty(replay.PlaceCount, replay.FrameBytes / sizeof(float), ScalarType.Float32, device);
            if (cuda)
                empty(SpareBytes, ScalarType.Byte, device).Dispose();
            return new TorchFrames(replay, frames.DetachFromDisposeScope(), device);
        }
        catch (ExternalException exception)
        {
            return wanted is null ? null : throw new InvalidOperationException(
                $"Expected room on the device for {replay.PlaceCount} frames of {replay.FrameBytes} bytes; there is " +
                $"none. Take a smaller buffer, or leave {nameof(TorchOptions.FramesOnDevice)} null or false.",
                exception);
        }
    }

    /// <summary>
    /// Brings what the copy lacks. Nothing sent before may be on its way any more; what is sent now may be, on return.
    /// </summary>
    public void Update()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? stage = null;
        for (int staged = 0; _feed.TryNext(out long place, out ReadOnlySpan<byte> frames);)
        {
            stage ??= _stage.Room(_stageFrames, _frames.shape[1]);
            while (!frames.IsEmpty)
            {
                if (staged == _stageFrames)
                {
                    if (_device.type == DeviceType.CUDA)
                        cuda.synchronize(_device);
                    staged = 0;
                }

                int count = Math.Min(_stageFrames - staged, frames.Length / _frameBytes), bytes = count * _frameBytes;
                using Tensor source = stage.narrow(0, staged, count), destination = _frames.narrow(0, place, count);
                frames[..bytes].CopyTo(source.bytes);
                destination.copy_(source, true); // Non-blocking.
                frames = frames[bytes..];
                (staged, place) = (staged + count, place + count);
            }
        }
    }

    /// <summary>The frames at places: [places, frame].</summary>
    public Tensor Gather(Tensor places) => _frames.index_select(0, places);

    public void Dispose()
    {
        _stage.Dispose();
        _frames.Dispose();
    }
}
