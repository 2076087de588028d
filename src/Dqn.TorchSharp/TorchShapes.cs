using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// Shapes are checked before LibTorch sees them: some of its builds end the process over one that does not fit.
/// </summary>
internal static class TorchShapes
{
    /// <summary>Throws unless the tensor is [any number, shape].</summary>
    public static void RequireItems(Tensor tensor, ReadOnlySpan<long> shape)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        long[] got = tensor.shape;
        if (got.Length != shape.Length + 1 || !got.AsSpan(1).SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"Expected a tensor [batch, {string.Join(", ", shape.ToArray())}], got {Format(got)}.", nameof(tensor));
        }
    }

    public static string Format(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
