using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// The way of a batch to the device: observations as the bytes that they are, once, and all that a fit needs besides as
/// one block of numbers, from memory that is pinned where there is a GPU to copy from it.
/// </summary>
internal sealed class TorchTransfer : IDisposable
{
    private readonly Device _device;
    private readonly long[] _shape;
    private readonly ScalarType _type;
    private readonly Scalar _white = 255f;
    private Tensor? _observations, _numbers;

    public TorchTransfer(Device device, IEnumerable<long> observationShape, bool pixels)
    {
        (_device, _shape) = (device, [.. observationShape]);
        _type = pixels ? ScalarType.Byte : ScalarType.Float32;
    }

    /// <summary>
    /// The observations as single precision on the device, pixels divided by 255: [batch, shape]. It belongs to the
    /// current dispose scope. What was sent before must have been used up, so that its memory may be written again.
    /// </summary>
    public Tensor Send(ReadOnlySpan<byte> observations, int batch)
    {
        Reserve(ref _observations, batch, [batch, .. _shape], _type);
        Tensor source = Part(_observations!, 0, batch);
        observations.CopyTo(source.bytes);
        Tensor sent = OnDevice(source);
        return _type == ScalarType.Byte ? sent.to(ScalarType.Float32).div_(_white) : sent;
    }

    /// <summary>
    /// Likewise: the actions as indices, [batch], the targets as they are, the weights or null.
    /// </summary>
    public (Tensor Actions, Tensor Targets, Tensor? Weights) Send(
        ReadOnlySpan<int> actions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        int batch = actions.Length, length = 2 * batch + targets.Length;
        Reserve(ref _numbers, length, [length], ScalarType.Float32);
        Tensor source = Part(_numbers!, 0, length);
        Span<float> numbers = MemoryMarshal.Cast<byte, float>(source.bytes);

        // Single precision holds all whole numbers up to 2²⁴.
        for (int item = 0; item < batch; item++)
            numbers[item] = actions[item];
        weights.CopyTo(numbers[batch..]);
        targets.CopyTo(numbers[(2 * batch)..]);
        Tensor sent = OnDevice(source);
        return (
            Part(sent, 0, batch).to(ScalarType.Int64), Part(sent, 2 * batch, targets.Length),
            weights.IsEmpty ? null : Part(sent, batch, batch));
    }

    public void Dispose()
    {
        _observations?.Dispose();
        _numbers?.Dispose();
        _white.Dispose();
    }

    private static Tensor Part(Tensor tensor, long start, long length) => tensor.narrow(0, start, length);

    private Tensor OnDevice(Tensor source) =>
        _device.type == DeviceType.CPU ? source : source.to(_device, non_blocking: true);

    /// <summary>Makes room unless there are that many items.</summary>
    private void Reserve(ref Tensor? tensor, long items, long[] shape, ScalarType type)
    {
        if (tensor is not null && tensor.shape[0] >= items)
            return;
        tensor?.Dispose();
        tensor = null;
        using DisposeScope scope = NewDisposeScope();
        Tensor memory = empty(shape, type);
        if (_device.type == DeviceType.CUDA)
            memory = memory.pin_memory();
        tensor = memory.DetachFromDisposeScope();
    }
}
