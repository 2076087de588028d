using System.Text.Json.Serialization;

namespace Dqn.Networks;

/// <summary>
/// How gradients become updates: <see cref="RmsPropOptions"/>, <see cref="AdamOptions"/> or <see cref="RAdamOptions"/>.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RmsPropOptions), "RMSProp")]
[JsonDerivedType(typeof(AdamOptions), "Adam")]
[JsonDerivedType(typeof(RAdamOptions), "RAdam")]
public abstract record OptimizerOptions
{
    private protected OptimizerOptions()
    {
    }

    /// <summary>What an update is multiplied with; above 0 and finite. Default 0.00025.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0 and finite.</exception>
    public double LearningRate { get; init => field = Positive(value, nameof(LearningRate)); } = 0.00025;

    private protected static double Positive(double value, string name) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected a finite number above 0.");

    private protected static double NotNegative(double value, string name) => value >= 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected a finite number, at least 0.");

    private protected static double Fraction(double value, string name) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name}: expected at least 0 and below 1.");
}
