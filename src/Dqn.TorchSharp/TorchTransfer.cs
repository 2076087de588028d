using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// The way of a batch to the device: observations as the bytes that they are, once, and all that a fit needs besides as
/// one block of numbers.
/// </summary>
internal sealed class TorchTransfer : IDisposable
{
    private readonly long[] _shape;
    private readonly TorchStage _observations, _numbers;

    // Pixels are divided by it, which converts them in the same operation; as a tensor, since LibTorch multiplies with a
    // number's reciprocal on a GPU, but not on the processor.
    private readonly Tensor? _white;

    public TorchTransfer(Device device, IEnumerable<long> observationShape, bool pixels)
    {
        _shape = [.. observationShape];
        _observations = new TorchStage(device, pixels ? ScalarType.Byte : ScalarType.Float32);
        _numbers = new TorchStage(device, ScalarType.Float32);
        using DisposeScope scope = NewDisposeScope();
        _white = pixels ? full(1, 255f, ScalarType.Float32, device).DetachFromDisposeScope() : null;
    }

    /// <summary>
    /// Observations on the device, of one span after the other: [batch, shape]. They belong to the current dispose
    /// scope. What was sent before must have been used up, so that its memory may be written again.
    /// </summary>
    public Tensor Send(int batch, ReadOnlySpan<byte> observations, ReadOnlySpan<byte> more = default)
    {
        Tensor room = _observations.Room([batch, .. _shape]);
        Span<byte> memory = room.bytes;
        observations.CopyTo(memory);
        more.CopyTo(memory[observations.Length..]);
        return _observations.Send(room);
    }

    /// <summary>What the module takes: single precision, pixels divided by 255; of any shape.</summary>
    public Tensor Scale(Tensor observations) => _white is null ? observations : observations.div(_white);

    /// <summary>
    /// The actions as indices, [batch], the targets as they are, the weights or null.
    /// </summary>
    public (Tensor Actions, Tensor Targets, Tensor? Weights) Send(
        ReadOnlySpan<int> actions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights)
    {
        int batch = actions.Length;
        Tensor room = _numbers.Room(2 * batch + targets.Length);
        Span<float> numbers = TorchStage.Memory<float>(room);

        // Single precision holds all whole numbers up to 2²⁴.
        for (int item = 0; item < batch; item++)
            numbers[item] = actions[item];
        weights.CopyTo(numbers[batch..]);
        targets.CopyTo(numbers[(2 * batch)..]);
        Tensor sent = _numbers.Send(room);
        return (
            sent.narrow(0, 0, batch).to(ScalarType.Int64), sent.narrow(0, 2 * batch, targets.Length),
            weights.IsEmpty ? null : sent.narrow(0, batch, batch));
    }

    public void Dispose()
    {
        _observations.Dispose();
        _numbers.Dispose();
        _white?.Dispose();
    }
}
