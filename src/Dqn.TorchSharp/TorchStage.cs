using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// Memory from which blocks of one type go to the device, kept for the next one; pinned where there is a GPU, so that
/// nobody waits while it copies.
/// </summary>
internal sealed class TorchStage(Device device, ScalarType type) : IDisposable
{
    private Tensor? _memory;

    /// <summary>
    /// Room to be written, then <see cref="Send"/>. What was sent before must have arrived: it is the same memory. It
    /// belongs to the current dispose scope, as does what is sent.
    /// </summary>
    public Tensor Room(params ReadOnlySpan<long> shape)
    {
        long length = 1;
        foreach (long axis in shape)
            length *= axis;
        if (_memory is null || _memory.shape[0] < length)
        {
            _memory?.Dispose();
            _memory = null;
            using DisposeScope scope = NewDisposeScope();
            Tensor memory = empty(length, type);
            if (device.type == DeviceType.CUDA)
                memory = memory.pin_memory();
            _memory = memory.DetachFromDisposeScope();
        }

        return _memory.narrow(0, 0, length).view(shape.ToArray());
    }

    /// <summary>The room's numbers.</summary>
    public static Span<T> Memory<T>(Tensor room)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(room.bytes);

    /// <summary>What was written, on the device; on the processor the room itself.</summary>
    public Tensor Send(Tensor room) =>
        device.type == DeviceType.CPU ? room : room.to(device, non_blocking: true);

    public void Dispose() => _memory?.Dispose();
}
