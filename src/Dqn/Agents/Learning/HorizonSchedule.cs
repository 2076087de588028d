namespace Dqn.Agents;

/// <summary>
/// How far targets look: from few steps of a small value to come, or many, to <see cref="DqnOptions.NStep"/> and
/// <see cref="DqnOptions.Discount"/>, by equal factors of n and of 1 − γ over so many updates, at the start of training and
/// anew after each of <see cref="DqnOptions.Resets"/>. Source: M. Schwarzer et al., "Bigger, better, faster: human-level
/// Atari with human-level efficiency" (2023), after V. François-Lavet et al., "How to discount deep reinforcement learning"
/// (2015). The defaults are the former's, which end at n = 3 and γ = 0.997. Immutable.
/// </summary>
/// <example><code>
/// var options = new DqnOptions { NStep = 3, Discount = 0.997, Horizon = new HorizonSchedule() };
/// </code></example>
public sealed record HorizonSchedule
{
    /// <summary>n at the start, at least 1. Default 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int NStep
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(NStep), value, "at least 1");
    } = 10;

    /// <summary>γ at the start, 0 … 1. Default 0.97.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of that range.</exception>
    public double Discount
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw OutOfRange(nameof(Discount), value, "0 … 1");
    } = 0.97;

    /// <summary>Over how many updates both change, at least 1. Default 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public long Updates
    {
        get;
        init => field = value >= 1 ? value : throw OutOfRange(nameof(Updates), value, "at least 1");
    } = 10_000;

    /// <summary>n, rounded, and γ after so many updates.</summary>
    /// <param name="updates">At least 0.</param>
    /// <param name="nStep">n at the end, at least 1.</param>
    /// <param name="discount">γ at the end, below 1 unless it is <see cref="Discount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The updates are negative.</exception>
    public (int NStep, double Discount) At(long updates, int nStep, double discount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(updates);
        if (updates >= Updates)
            return (nStep, discount);
        double part = (double)updates / Updates;
        double steps = NStep * Math.Pow((double)nStep / NStep, part);
        double rest = Discount == discount ? 1 - Discount : (1 - Discount) * Math.Pow((1 - discount) / (1 - Discount), part);
        return ((int)Math.Round(steps), 1 - rest);
    }

    private static ArgumentOutOfRangeException OutOfRange(string property, object value, string expected) =>
        new(property, value, $"{nameof(HorizonSchedule)}.{property}: expected {expected}.");
}
