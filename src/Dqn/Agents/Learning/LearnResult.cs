using System.Globalization;
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

    /// <summary>For a line of text: "loss 0.12, mean value 3.4, TD error 0.2, gradient norm 5.6".</summary>
    public override string ToString()
    {
        string found = string.Create(
            CultureInfo.InvariantCulture, $"loss {Loss:g4}, mean value {MeanValue:g4}, TD error {MeanAbsoluteTdError:g4}");
        return GradientNorm is { } norm
            ? string.Create(CultureInfo.InvariantCulture, $"{found}, gradient norm {norm:g4}")
            : found;
    }

    /// <summary>
    /// The mean of <paramref name="count"/> updates' results, this one being that of all but the last.
    /// </summary>
    internal LearnResult With(LearnResult last, int count) => new(
        Loss + (last.Loss - Loss) / count, MeanValue + (last.MeanValue - MeanValue) / count,
        MeanAbsoluteTdError + (last.MeanAbsoluteTdError - MeanAbsoluteTdError) / count,
        GradientNorm + (last.GradientNorm - GradientNorm) / count);
}
