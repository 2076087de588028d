namespace Dqn.Values;

/// <summary>A batch's loss with its gradients, side by side.</summary>
internal static class Losses
{
    /// <summary>
    /// Loss = mean over items of weight · the <see cref="ValueDistribution"/>'s cost for the action taken.
    /// </summary>
    /// <param name="distribution">What the outputs mean.</param>
    /// <param name="loss">What a number's distance from its target costs.</param>
    /// <param name="outputs">[batch, actions, atoms].</param>
    /// <param name="actions">[batch].</param>
    /// <param name="targets">[batch, atoms].</param>
    /// <param name="weights">[batch], or empty for 1.</param>
    /// <param name="scratch">[atoms].</param>
    /// <param name="gradients">
    /// Destination, [batch, actions, atoms]: the loss's derivatives by the outputs, 0 for other actions.
    /// </param>
    /// <param name="tdErrors">Destination, [batch]: the target's mean − the value; or empty.</param>
    public static (float Loss, float MeanValue) Compute(
        ValueDistribution distribution, Loss loss, ReadOnlySpan<float> outputs, ReadOnlySpan<int> actions,
        ReadOnlySpan<float> targets, ReadOnlySpan<float> weights, Span<float> scratch, Span<float> gradients,
        Span<float> tdErrors)
    {
        int batch = actions.Length, atoms = distribution.Atoms, actionCount = outputs.Length / batch / atoms;
        double sum = 0, valueSum = 0;
        gradients.Clear();
        for (int item = 0; item < batch; item++)
        {
            int at = (item * actionCount + actions[item]) * atoms;
            ReadOnlySpan<float> taken = outputs.Slice(at, atoms), target = targets.Slice(item * atoms, atoms);
            Span<float> slopes = gradients.Slice(at, atoms);
            float weight = weights.IsEmpty ? 1 : weights[item];
            distribution.Describe(taken, scratch);
            sum += weight * distribution.Cost(loss, taken, scratch, target, slopes);
            foreach (ref float slope in slopes)
                slope = slope * weight / batch;
            float value = distribution.Expectation(scratch);
            valueSum += value;
            if (!tdErrors.IsEmpty)
                tdErrors[item] = distribution.Expectation(target) - value;
        }

        return ((float)(sum / batch), (float)(valueSum / batch));
    }
}
