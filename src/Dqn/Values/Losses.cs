namespace Dqn.Values;

/// <summary>A batch's loss with its gradients, side by side.</summary>
internal static class Losses
{
    /// <summary>
    /// Loss = mean over items of weight · the <see cref="ValueDistribution"/>'s cost for the action taken.
    /// </summary>
    /// <param name="distribution">What the outputs mean.</param>
    /// <param name="loss">What a number's distance from its target costs.</param>
    /// <param name="fractions">What the quantiles fitted are of, [batch, fitted]; empty where that is fixed.</param>
    /// <param name="outputs">[batch, actions, fitted]: atoms, unless quantiles are drawn.</param>
    /// <param name="actions">[batch].</param>
    /// <param name="targets">[batch, atoms].</param>
    /// <param name="weights">[batch], or empty for 1.</param>
    /// <param name="scratch">[fitted].</param>
    /// <param name="gradients">
    /// Destination, [batch, actions, fitted]: the loss's derivatives by the outputs, 0 for other actions.
    /// </param>
    /// <param name="tdErrors">Destination, [batch]: <see cref="ValueDistribution.Judge"/>'s errors; or empty.</param>
    public static (float Loss, float MeanValue) Compute(
        ValueDistribution distribution, Loss loss, ReadOnlySpan<float> fractions, ReadOnlySpan<float> outputs,
        ReadOnlySpan<int> actions, ReadOnlySpan<float> targets, ReadOnlySpan<float> weights, Span<float> scratch,
        Span<float> gradients, Span<float> tdErrors)
    {
        int batch = actions.Length, atoms = distribution.Atoms, fitted = distribution.Fitted;
        int actionCount = outputs.Length / batch / fitted;
        scratch = scratch[..fitted];
        double sum = 0, valueSum = 0;
        gradients.Clear();
        for (int item = 0; item < batch; item++)
        {
            int at = (item * actionCount + actions[item]) * fitted;
            ReadOnlySpan<float> taken = outputs.Slice(at, fitted), target = targets.Slice(item * atoms, atoms);
            ReadOnlySpan<float> drawn = fractions.IsEmpty ? default : fractions.Slice(item * fitted, fitted);
            Span<float> slopes = gradients.Slice(at, fitted);
            float weight = weights.IsEmpty ? 1 : weights[item];
            distribution.Describe(taken, scratch);
            sum += weight * distribution.Cost(drawn, loss, taken, scratch, target, slopes);
            foreach (ref float slope in slopes)
                slope = slope * weight / batch;
            (float value, float error) = distribution.Judge(scratch, target);
            valueSum += value;
            if (!tdErrors.IsEmpty)
                tdErrors[item] = error;
        }

        return ((float)(sum / batch), (float)(valueSum / batch));
    }
}
