using Dqn.Networks;

namespace Dqn.Agents;

/// <summary>What an update found in its batch, before it changed the parameters; of several, the mean.</summary>
/// <param name="Loss">The mean loss.</param>
/// <param name="MeanValue">The mean value of the actions taken.</param>
/// <param name="MeanAbsoluteTdError">The mean of |target − value|.</param>
/// <param name="GradientNorm">The gradient's L2 norm before clipping; null where it was not computed.</param>
public readonly record struct LearnResult(float Loss, float MeanValue, float MeanAbsoluteTdError, float? GradientNorm)
{
    /// <summary>What a fit found, and the mean of its errors' sizes.</summary>
    /// <param name="fit">Loss, mean value, gradient norm.</param>
    /// <param name="tdErrors">[batch], at least one.</param>
    public static LearnResult Of(FitResult fit, ReadOnlySpan<float> tdErrors)
    {
        float error = 0;
        foreach (float tdError in tdErrors)
            error += MathF.Abs(tdError);
        return new LearnResult(fit.Loss, fit.MeanValue, error / tdErrors.Length, fit.GradientNorm);
    }

    /// <summary>
    /// The mean of <paramref name="count"/> updates' results, this one being that of all but the last.
    /// </summary>
    internal LearnResult With(LearnResult last, int count) => new(
        Loss + (last.Loss - Loss) / count, MeanValue + (last.MeanValue - MeanValue) / count,
        MeanAbsoluteTdError + (last.MeanAbsoluteTdError - MeanAbsoluteTdError) / count,
        GradientNorm + (last.GradientNorm - GradientNorm) / count);
}
