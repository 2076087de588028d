using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>Whether layers fit each other: follows an item's shape through them.</summary>
internal sealed class LayerShapes
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>The shape after the layers of an item that has <paramref name="shape"/> before.</summary>
    /// <param name="layers">In order.</param>
    /// <param name="shape">[channels, height, width] or [features].</param>
    /// <param name="place">Where the layers are, for messages: "Layer".</param>
    /// <exception cref="ArgumentException">They do not fit, or a name is used twice.</exception>
    public ImmutableArray<int> Follow(ImmutableArray<Layer> layers, ImmutableArray<int> shape, string place)
    {
        bool learns = false;
        for (int i = 0; i < layers.Length; i++)
        {
            switch (layers[i])
            {
                case Conv2d conv:
                    if (shape.Length != 3)
                        throw Misfit($"{conv.Name} needs [channels, height, width]");
                    if (shape[1] < conv.KernelSize || shape[2] < conv.KernelSize)
                        throw Misfit($"{conv.Name} needs {conv.KernelSize} × {conv.KernelSize} pixels");
                    TakeName(conv.Name);
                    shape =
                    [
                        conv.Filters, (shape[1] - conv.KernelSize) / conv.Stride + 1,
                        (shape[2] - conv.KernelSize) / conv.Stride + 1,
                    ];
                    break;
                case Linear linear:
                    RequireFeatures(linear.Name);
                    TakeName(linear.Name);
                    shape = [linear.Features];
                    break;
                case NoisyLinear noisy:
                    RequireFeatures(noisy.Name);
                    TakeName(noisy.Name);
                    shape = [noisy.Features];
                    break;
                case Dueling dueling:
                    RequireFeatures("a Dueling");
                    Follow(dueling.Value, shape, $"{place} {i}, value");
                    Follow(dueling.Advantage, shape, $"{place} {i}, advantage");
                    shape = [dueling.Features];
                    break;
                case LayerNorm norm when learns:
                    TakeName(norm.Name);
                    break;
                case Flatten:
                    shape = [(int)Length(shape)];
                    break;
                case Relu or LayerNorm when !learns:
                    throw new ArgumentException(
                        $"{place} {i}: a {layers[i].GetType().Name} needs a Conv2d or Linear before it.");
                case null:
                    throw new ArgumentException($"{place} {i} is null.");
            }

            if (Length(shape) > Array.MaxLength)
                throw Misfit($"expected at most {Array.MaxLength} numbers after it");
            if (layers[i] is Dueling && i < layers.Length - 1)
                throw new ArgumentException($"{place} {i}: expected nothing after a Dueling.");
            learns |= layers[i] is Conv2d or Linear or NoisyLinear;

            void RequireFeatures(string name)
            {
                if (shape.Length != 1)
                    throw Misfit($"{name} needs a Flatten before it");
            }

            ArgumentException Misfit(string needs) => new($"{place} {i}: {needs}, got {Sequential.Format(shape)}.");
        }

        return shape;
    }

    private static Int128 Length(ImmutableArray<int> shape)
    {
        Int128 length = 1;
        foreach (int axis in shape)
            length *= axis;
        return length;
    }

    private void TakeName(string name)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"Two layers are named '{name}'.");
    }
}
