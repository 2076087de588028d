using System.Runtime.CompilerServices;
using Dqn.Environments;

namespace Dqn.CarRacing.Training;

/// <summary>What the wrappers that shape CarRacing's reward are given.</summary>
internal static class ShapingArguments
{
    /// <summary>The <see cref="CarRacingEnvironment"/> inside an environment.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static CarRacingEnvironment Racing(
        IEnvironment inner, [CallerArgumentExpression(nameof(inner))] string name = "") =>
        inner.Find<CarRacingEnvironment>() ?? throw new ArgumentException(
            $"Expected an environment around {nameof(CarRacingEnvironment)}, got {inner.Spec.Name}.", name);

    /// <summary>A price or a bonus.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public static double Amount(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected at least 0 and finite, got {value}.");

    /// <summary>How often something happens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not from 0 to 1.</exception>
    public static double Part(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected a part from 0 to 1, got {value}.");
}
