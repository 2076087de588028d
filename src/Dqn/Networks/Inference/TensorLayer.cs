using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>A convolution or a fully connected layer as its tensors show it: all but stride and place.</summary>
/// <param name="Name">What the tensors' names begin with.</param>
/// <param name="Inputs">Input channels or features.</param>
/// <param name="Outputs">Filters or features.</param>
/// <param name="KernelSize">Pixels along a filter's side; 0 for a fully connected layer.</param>
/// <param name="HasBias">Whether there is a bias.</param>
internal sealed record TensorLayer(string Name, int Inputs, int Outputs, int KernelSize, bool HasBias)
{
    private const string Weight = ".weight", Bias = ".bias";

    public bool IsConvolution => KernelSize > 0;

    /// <summary>The layers that all tensors of a network make up, in the file's order.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="reason">Why they are not such layers; null if they are.</param>
    public static List<TensorLayer> Read(StateDict tensors, out string? reason)
    {
        List<TensorLayer> layers = [];
        int biases = 0;
        foreach ((string name, Tensor tensor) in tensors)
        {
            if (name.EndsWith(Bias, StringComparison.Ordinal)
                && tensors.TryGet(name[..^Bias.Length] + Weight, out Tensor? weight) && IsBiasOf(tensor, weight))
            {
                biases++;
                continue;
            }

            if (!name.EndsWith(Weight, StringComparison.Ordinal) || Of(name[..^Weight.Length], tensor) is not { } layer)
            {
                reason = $"{FileText.Quote(name)} {FileText.Shape(tensor.Shape.AsSpan())} is neither the weight nor " +
                    "the bias of a convolution or a linear layer";
                return [];
            }

            layers.Add(layer with { HasBias = tensors.TryGet(layer.Name + Bias, out _) });
        }

        reason = layers.Count == 0 ? "there is no layer's weight"
            : biases < layers.Count(layer => layer.HasBias) ? "a bias has another length than its layer has outputs"
            : null;
        return layers;
    }

    /// <summary>Whether this layer can follow another; the first one follows the observation.</summary>
    public bool Fits(TensorLayer? before, Sequential task) => before switch
    {
        null when IsConvolution => task.ObservationShape.Length == 3 && Inputs == task.ObservationShape[0],
        null => Inputs == task.ObservationLength,
        { IsConvolution: true } when IsConvolution => Inputs == before.Outputs,
        { IsConvolution: true } => Inputs % before.Outputs == 0,
        _ => !IsConvolution && Inputs == before.Outputs,
    };

    /// <summary>The layer, as a description.</summary>
    public Layer Describe(int stride) => IsConvolution
        ? new Conv2d(Name, Outputs, KernelSize, stride, bias: HasBias)
        : new Linear(Name, Outputs, HasBias);

    private static bool IsBiasOf(Tensor bias, Tensor weight) =>
        bias.Shape.Length == 1 && weight.Shape.Length > 0 && bias.Shape[0] == weight.Shape[0];

    private static TensorLayer? Of(string name, Tensor weight)
    {
        foreach (long axis in weight.Shape)
        {
            if (axis is < 1 or > int.MaxValue)
                return null;
        }

        return string.IsNullOrWhiteSpace(name) ? null : weight.Shape switch
        {
            [var filters, var channels, var rows, var columns] when rows == columns =>
                new TensorLayer(name, (int)channels, (int)filters, (int)rows, HasBias: false),
            [var features, var inputs] => new TensorLayer(name, (int)inputs, (int)features, 0, HasBias: false),
            _ => null,
        };
    }
}
