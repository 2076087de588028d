namespace Dqn.Networks;

/// <summary>The losses with their gradients, side by side.</summary>
internal static class Losses
{
    /// <summary>
    /// Loss = mean over items of weight · loss(value − target), value that of the action taken.
    /// </summary>
    /// <param name="loss">Which.</param>
    /// <param name="values">[batch, actions].</param>
    /// <param name="actions">[batch].</param>
    /// <param name="targets">[batch].</param>
    /// <param name="weights">[batch], or empty for 1.</param>
    /// <param name="gradients">
    /// Destination, [batch, actions]: the loss's derivatives by the values, 0 for other actions.
    /// </param>
    /// <param name="tdErrors">Destination, [batch]: target − value; or empty.</param>
    public static (float Loss, float MeanValue) Compute(
        Loss loss, ReadOnlySpan<float> values, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, Span<float> gradients, Span<float> tdErrors)
    {
        int batch = actions.Length, actionCount = values.Length / batch;
        double sum = 0, valueSum = 0;
        gradients.Clear();
        for (int item = 0; item < batch; item++)
        {
            int at = item * actionCount + actions[item];
            float difference = values[at] - targets[item];
            float weight = weights.IsEmpty ? 1 : weights[item];
            (float cost, float slope) = loss == Loss.MeanSquared ? MeanSquared(difference) : SmoothL1(difference);
            gradients[at] = slope * weight / batch;
            sum += (double)weight * cost;
            valueSum += values[at];
            if (!tdErrors.IsEmpty)
                tdErrors[item] = -difference;
        }

        return ((float)(sum / batch), (float)(valueSum / batch));
    }

    /// <summary>
    /// Loss = mean over items of weight · the <see cref="ValueDistribution"/>'s loss for the action taken.
    /// </summary>
    /// <param name="distribution">Which.</param>
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
        ValueDistribution distribution, ReadOnlySpan<float> outputs, ReadOnlySpan<int> actions,
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
            sum += weight * distribution.Loss(taken, scratch, target, slopes);
            foreach (ref float slope in slopes)
                slope *= weight / batch;
            float value = distribution.Expectation(scratch);
            valueSum += value;
            if (!tdErrors.IsEmpty)
                tdErrors[item] = distribution.Expectation(target) - value;
        }

        return ((float)(sum / batch), (float)(valueSum / batch));
    }

    private static (float Cost, float Slope) MeanSquared(float difference) => (difference * difference, 2 * difference);

    private static (float Cost, float Slope) SmoothL1(float difference) => MathF.Abs(difference) < 1
        ? (0.5f * difference * difference, difference)
        : (MathF.Abs(difference) - 0.5f, MathF.CopySign(1, difference));
}
