using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>Whether layers fit each other: follows an item's shape through them.</summary>
internal sealed class LayerShapes
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<(string Name, ImmutableArray<int> Shape)> _parameters = [];

    /// <summary>The parameters of the layers followed, in the state dict's order.</summary>
    public IReadOnlyList<(string Name, ImmutableArray<int> Shape)> Parameters => _parameters;

    /// <summary>The parameters of the layers before an item is features.</summary>
    public static IReadOnlyList<(string Name, ImmutableArray<int> Shape)> OfImages(Sequential architecture)
    {
        LayerShapes shapes = new();
        ImmutableArray<int> shape = architecture.ObservationShape;
        for (int i = 0; shape.Length == 3 && i < architecture.Layers.Length; i++)
            shape = shapes.After(architecture.Layers[i], shape, $"Layer {i}");
        return shapes.Parameters;
    }

    /// <summary>The shape after the layers of an item that has <paramref name="shape"/> before.</summary>
    /// <param name="layers">In order.</param>
    /// <param name="shape">[channels, height, width] or [features].</param>
    /// <param name="place">Where the layers are, for messages: "Layer".</param>
    /// <exception cref="ArgumentException">They do not fit, or a name is used twice.</exception>
    public ImmutableArray<int> Follow(ImmutableArray<Layer> layers, ImmutableArray<int> shape, string place)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is Dueling && (i < layers.Length - 1 || place != "Layer"))
                throw new ArgumentException($"{place} {i}: expected nothing after a Dueling, which ends a network.");
            shape = After(layers[i], shape, $"{place} {i}");
            if (Length(shape) > Array.MaxLength)
            {
                throw new ArgumentException(
                    $"{place} {i}: expected at most {Array.MaxLength} numbers after it; got {Sequential.Format(shape)}.");
            }
        }

        return shape;
    }

    private ImmutableArray<int> After(Layer layer, ImmutableArray<int> shape, string place)
    {
        switch (layer)
        {
            case Conv2d conv:
                RequireImage(conv.Name);
                TakeName(conv.Name);
                ImmutableArray<int> weight = [conv.Filters, shape[0], conv.KernelSize, conv.KernelSize];
                if (conv.SpectralNorm)
                    AddSpectral(conv, weight);
                else
                    AddWeights(conv.Name, weight, conv.Bias);
                return Windows(
                    conv.Filters, conv.PositionsAlong, conv.Name,
                    $"a larger padding than {conv.Padding}, a smaller kernel or fewer layers before it");
            case MaxPool2d max:
                RequireImage("a MaxPool2d");
                return Windows(shape[0], max.PositionsAlong, "a MaxPool2d", "a smaller kernel or fewer layers before it");
            case AvgPool2d avg:
                RequireImage("an AvgPool2d");
                return Windows(shape[0], avg.PositionsAlong, "an AvgPool2d", "a smaller kernel or fewer layers before it");
            case AdaptiveMaxPool2d max:
                return Covering("an AdaptiveMaxPool2d", max.Height, max.Width);
            case AdaptiveAvgPool2d avg:
                return Covering("an AdaptiveAvgPool2d", avg.Height, avg.Width);
            case Linear linear:
                RequireFeatures(linear.Name);
                TakeName(linear.Name);
                AddWeights(linear.Name, [linear.Features, shape[0]], linear.Bias);
                return [linear.Features];
            case NoisyLinear noisy:
                RequireFeatures(noisy.Name);
                TakeName(noisy.Name);
                _parameters.Add(($"{noisy.Name}.weight_mu", [noisy.Features, shape[0]]));
                _parameters.Add(($"{noisy.Name}.weight_sigma", [noisy.Features, shape[0]]));
                _parameters.Add(($"{noisy.Name}.bias_mu", [noisy.Features]));
                _parameters.Add(($"{noisy.Name}.bias_sigma", [noisy.Features]));
                return [noisy.Features];
            case Dueling dueling:
                RequireFeatures("a Dueling");
                Follow(dueling.Value, shape, $"{place}, value");
                Follow(dueling.Advantage, shape, $"{place}, advantage");
                return [dueling.Features];
            case LayerNorm norm:
                TakeName(norm.Name);
                _parameters.Add(($"{norm.Name}.weight", shape));
                _parameters.Add(($"{norm.Name}.bias", shape));
                return shape;
            case QuantileEmbedding embedding:
                RequireFeatures(embedding.Name);
                TakeName(embedding.Name);
                if (place.Contains(',', StringComparison.Ordinal))
                    throw Misfit($"{embedding.Name} stands in no other layer: all layers after it compute for each fraction");
                AddWeights(embedding.Name, [shape[0], embedding.Cosines], bias: true);
                return shape;
            case Residual residual:
                return AfterResidual(residual, shape, place);
            case CustomLayer custom:
                return AfterCustom(custom, shape, place);
            case Flatten:
                return [(int)Length(shape)];
            case Relu:
                return shape;
            default:
                throw new ArgumentException($"{place} is null.");
        }

        void RequireImage(string name)
        {
            if (shape.Length != 3)
                throw Misfit($"{name} needs [channels, height, width], so it stands before a Flatten or Linear");
        }

        void RequireFeatures(string name)
        {
            if (shape.Length != 1)
                throw Misfit($"{name} needs features: a Flatten before it");
        }

        ImmutableArray<int> Windows(int channels, Func<int, int> positions, string name, string cure)
        {
            (int height, int width) = (positions(shape[1]), positions(shape[2]));
            return height > 0 && width > 0
                ? [channels, height, width]
                : throw Misfit($"{name} needs images of at least its kernel's size: {cure}");
        }

        ImmutableArray<int> Covering(string name, int height, int width)
        {
            RequireImage(name);
            return height <= shape[1] && width <= shape[2]
                ? [shape[0], height, width]
                : throw Misfit($"{name} needs at least as many pixels as it gives, {height} × {width}");
        }

        ArgumentException Misfit(string needs) => new($"{place}: {needs}; got {Sequential.Format(shape)}.");
    }

    private ImmutableArray<int> AfterResidual(Residual residual, ImmutableArray<int> shape, string place)
    {
        ImmutableArray<int> after = Follow(residual.Layers, shape, $"{place}, residual");
        if (!after.AsSpan().SequenceEqual(shape.AsSpan()))
        {
            throw new ArgumentException(
                $"{place}: a Residual's layers need to give back {Sequential.Format(shape)}, which is added; got " +
                $"{Sequential.Format(after)}. A Conv2d keeps an image's size with stride 1, an odd kernel and padding " +
                "(kernel − 1) / 2.");
        }

        return residual.Layers.Any(layer => layer is not Flatten)
            ? after
            : throw new ArgumentException($"{place}: a Residual needs layers that compute; got Flatten alone.");
    }

    private ImmutableArray<int> AfterCustom(CustomLayer layer, ImmutableArray<int> shape, string place)
    {
        CustomLayerKinds.RequireOwnKind(layer.Kind);
        ImmutableArray<int> after;
        try
        {
            after = layer.OutputShape(shape);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException(
                $"{place}: {layer.Kind}, for {Sequential.Format(shape)}: {exception.Message}", exception);
        }

        if (after.IsDefault || after.Length is not (1 or 3) || after.Any(axis => axis < 1))
        {
            throw new ArgumentException(
                $"{place}: {layer.Kind} needs to give [channels, height, width] or [features], each axis at least 1; " +
                $"got {Sequential.Format(after)} for {Sequential.Format(shape)}.");
        }

        // A layer's name is what its parameters' names have before the last dot.
        ImmutableArray<CustomParameter> parameters = layer.Parameters(shape);
        if (parameters.IsDefault || parameters.DistinctBy(parameter => parameter.Name).Count() < parameters.Length)
        {
            throw new ArgumentException(
                $"{place}: {layer.Kind} needs parameters of different names; got " +
                $"{(parameters.IsDefault ? "none" : string.Join(", ", parameters.Select(parameter => parameter.Name)))}.");
        }

        foreach (string name in parameters.Select(parameter => LayerNameOf(parameter.Name)).Distinct())
            TakeName(name);
        _parameters.AddRange(parameters.Select(parameter => (parameter.Name, parameter.Shape)));
        return after;
    }

    private void AddWeights(string layer, ImmutableArray<int> shape, bool bias)
    {
        _parameters.Add(($"{layer}.weight", shape));
        if (bias)
            _parameters.Add(($"{layer}.bias", [shape[0]]));
    }

    private void AddSpectral(Conv2d conv, ImmutableArray<int> weight)
    {
        if (conv.Bias)
            _parameters.Add(($"{conv.Name}.bias", [conv.Filters]));
        _parameters.Add((SpectralNorm.WeightName(conv.Name), weight));
        _parameters.Add((SpectralNorm.LeftName(conv.Name), [conv.Filters]));
        _parameters.Add((SpectralNorm.RightName(conv.Name), [weight[1] * weight[2] * weight[3]]));
    }

    private static Int128 Length(ImmutableArray<int> shape)
    {
        Int128 length = 1;
        foreach (int axis in shape)
            length *= axis;
        return length;
    }

    private static string LayerNameOf(string parameter) =>
        parameter.LastIndexOf('.') is > 0 and var dot ? parameter[..dot] : parameter;

    private void TakeName(string name)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"Two layers are named '{name}'.");
    }
}
