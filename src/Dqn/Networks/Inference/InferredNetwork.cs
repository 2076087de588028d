using System.Collections.Immutable;
using Dqn.Files;
using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>
/// What network tensors may be: convolutions without padding and fully connected layers, rectifiers between. What the tensors leave
/// open is said; where they leave more than one network open, each is one of these.
/// </summary>
/// <param name="Architecture">The network.</param>
/// <param name="Assumptions">What the tensors do not show, one sentence each.</param>
/// <param name="Summary">What distinguishes it from others that fit: <c>fc1 → fc2, strides 4, 2</c>.</param>
/// <param name="HasUsualStrides">Whether the strides are those of the well-known networks.</param>
internal sealed record InferredNetwork(
    Sequential Architecture, ImmutableArray<string> Assumptions, string Summary, bool HasUsualStrides)
{
    /// <summary>The networks for some task that a file's tensors can be.</summary>
    /// <param name="tensors">All tensors of the network.</param>
    /// <param name="task">Observation and actions.</param>
    /// <param name="reason">Why there is none; null if there is one.</param>
    public static IReadOnlyList<InferredNetwork> Find(StateDict tensors, Sequential task, out string? reason)
    {
        List<TensorLayer> layers = TensorLayer.Read(tensors, out reason);
        if (reason is not null)
            return [];
        List<TensorLayer[]> orders = LayerOrders.Find(layers, task, out bool byFile);
        List<InferredNetwork> found = [.. orders.SelectMany(order => WithStrides(order, task, byFile))];
        if (found.Exists(network => network.HasUsualStrides))
            found.RemoveAll(network => !network.HasUsualStrides);
        reason = found.Count > 0 ? null
            : orders.Count > 0 ? "no strides of the convolutions leave as many pixels as the linear layer takes"
            : $"the layers {FileText.List([.. layers.Select(Format)])} do not make a chain from the observation to the " +
                "actions";
        return found;
    }

    private static IEnumerable<InferredNetwork> WithStrides(TensorLayer[] order, Sequential task, bool byFile)
    {
        string text = string.Join(" → ", order.Take(12).Select(layer => FileText.Quote(layer.Name)))
            + (order.Length > 12 ? $" → … ({order.Length} layers)" : "");
        List<string> assumptions = ["Rectifiers are assumed between the layers, none after the last."];
        if (byFile)
            assumptions.Add($"Of several possible orders of the layers the file's is assumed: {text}.");
        TensorLayer[] convolutions = [.. order.TakeWhile(layer => layer.IsConvolution)];
        if (convolutions.Length == 0)
        {
            yield return new(Build(order, [], task), [.. assumptions], text, HasUsualStrides: true);
            yield break;
        }

        (int height, int width) = (task.ObservationShape[1], task.ObservationShape[2]);
        long pixels = order[convolutions.Length].Inputs / convolutions[^1].Outputs;
        int[] usual = LayerStrides.Usual(convolutions);
        List<int[]> others = LayerStrides.Search(convolutions, height, width, pixels);
        others.RemoveAll(strides => strides.SequenceEqual(usual));
        if (LayerStrides.Fit(convolutions, usual, height, width, pixels))
        {
            string also = others.Count == 0 ? "" : $", though others fit as well, {Format(others[0])} for example";
            assumptions.Add(
                $"Strides of half the kernel's size, 1 up to 3 × 3, are assumed: {Format(usual)}{also}.");
            yield return new(Build(order, usual, task), [.. assumptions], $"{text}, strides {Format(usual)}", true);
            yield break;
        }

        foreach (int[] strides in others)
        {
            string taken = $"Strides {Format(strides)} were taken, since no others fit the shapes.";
            yield return new(
                Build(order, strides, task), [.. assumptions, taken], $"{text}, strides {Format(strides)}", false);
        }
    }

    private static Sequential Build(TensorLayer[] order, int[] strides, Sequential task)
    {
        var layers = ImmutableArray.CreateBuilder<Layer>();
        bool afterImages = task.ObservationShape.Length > 1;
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0)
                layers.Add(new Relu());
            if (!order[i].IsConvolution && afterImages)
                layers.Add(new Flatten());
            afterImages = order[i].IsConvolution;
            layers.Add(order[i].Describe(i < strides.Length ? strides[i] : 1));
        }

        return new Sequential(task.ObservationShape, task.Pixels, layers.ToImmutable());
    }

    private static string Format(int[] strides) => string.Join(", ", strides);

    private static string Format(TensorLayer layer) => layer.IsConvolution
        ? $"{layer.Name} {layer.Inputs} → {layer.Outputs}, {layer.KernelSize} × {layer.KernelSize}"
        : $"{layer.Name} {layer.Inputs} → {layer.Outputs}";
}
