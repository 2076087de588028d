namespace Dqn.Agents;

/// <summary>
/// Training has come to numbers that are not finite: every value after would be NaN, so the training ends here, before a
/// file of weights or a checkpoint is overwritten.
/// </summary>
public sealed class TrainingDivergedException : ArithmeticException
{
    private const string Cure =
        "Most likely the learning rate is too high or rewards are too large. Lower the optimizer's LearningRate, set " +
        "MaxGradientNorm (10) and Loss.SmoothL1, scale rewards to about ± 1 (DqnOptions.RewardScale), normalise " +
        "observations of numbers; then resume from the last checkpoint, which is whole.";

    /// <summary>Says what was not finite.</summary>
    /// <param name="step">Agent steps done.</param>
    /// <param name="quantity">What was not finite: "the loss".</param>
    /// <param name="found">What it was: "NaN".</param>
    public TrainingDivergedException(long step, string quantity, string found)
        : base($"Training diverged at step {step}: expected {quantity} to be finite, got {found}. {Cure}") =>
        (Step, Quantity) = (step, quantity);

    /// <summary>Agent steps done when it was noticed.</summary>
    public long Step { get; }

    /// <summary>What was not finite: "the loss", "the gradient norm", "the weights".</summary>
    public string Quantity { get; }
}
