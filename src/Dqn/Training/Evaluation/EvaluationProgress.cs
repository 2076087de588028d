using System.Globalization;

namespace Dqn.Training;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Ended">How many episodes have ended.</param>
/// <param name="Episodes">How many there are in all.</param>
public readonly record struct EvaluationProgress(int Ended, int Episodes)
{
    /// <summary>For a line of text: "evaluating 120/300".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"evaluating {Ended}/{Episodes}");
}
