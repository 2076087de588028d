namespace Dqn.Tests.Agents.Pqn;

/// <summary>
/// λ-returns as they are defined, forward: the average of the n-step returns with weights (1 − λ) λⁿ⁻¹, the longest with
/// what is left.
/// </summary>
internal static class NaiveLambdaReturns
{
    public static double[] Compute(
        double[] rewards, double[] discounts, double[] nextValues, bool[] cuts, double lambda)
    {
        var returns = new double[rewards.Length];
        for (int start = 0; start < returns.Length; start++)
        {
            int last = start;
            while (last < returns.Length - 1 && !cuts[last])
                last++;
            double weightLeft = 1;
            for (int end = start; end <= last; end++)
            {
                double weight = end == last ? weightLeft : (1 - lambda) * Math.Pow(lambda, end - start);
                weightLeft -= weight;
                returns[start] += weight * Return(start, end);
            }
        }

        return returns;

        double Return(int start, int end)
        {
            double sum = 0, discount = 1;
            for (int t = start; t <= end; t++)
            {
                sum += discount * rewards[t];
                discount *= discounts[t];
            }

            return sum + discount * nextValues[end];
        }
    }
}
