using Dqn.Randomness;

namespace Dqn.Agents;

/// <summary>
/// For how many agent steps an exploratory action is kept up: n of 1 … <see cref="Longest"/>, with a probability in
/// proportion to n^−μ (a zeta distribution, cut off). Mostly that is one step, now and then many, which leads to where
/// single random actions never do. Source: W. Dabney, G. Ostrovski, A. Barreto, "Temporally-extended ε-greedy
/// exploration" (2021), whose μ is 2. Immutable.
/// </summary>
public sealed record ExplorationDuration
{
    private readonly double _sum;

    /// <summary>Makes such a distribution; the defaults are the paper's.</summary>
    /// <param name="exponent">μ, above 1 and finite: the larger, the shorter.</param>
    /// <param name="longest">The largest number of agent steps, 1 … 10,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of that range.</exception>
    public ExplorationDuration(double exponent = 2, int longest = 10_000)
    {
        if (!(exponent > 1 && double.IsFinite(exponent)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(exponent), exponent,
                $"{nameof(ExplorationDuration)}.{nameof(Exponent)}: expected above 1 and finite.");
        }

        if (longest is < 1 or > 10_000)
        {
            throw new ArgumentOutOfRangeException(
                nameof(longest), longest,
                $"{nameof(ExplorationDuration)}.{nameof(Longest)}: expected 1 … 10000.");
        }

        (Exponent, Longest) = (exponent, longest);
        for (int n = longest; n >= 1; n--)
            _sum += Weight(n);
    }

    /// <summary>μ, above 1. Default 2.</summary>
    public double Exponent { get; }

    /// <summary>The largest number of agent steps, 1 … 10,000. Default 10,000.</summary>
    public int Longest { get; }

    /// <summary>Draws a number of agent steps by one <see cref="Pcg64.NextDouble"/>.</summary>
    internal int Draw(Pcg64 random)
    {
        // Few terms, as most durations are short.
        double left = random.NextDouble() * _sum;
        int n = 1;
        while (n < Longest && (left -= Weight(n)) >= 0)
            n++;
        return n;
    }

    private double Weight(int n) => Math.Pow(n, -Exponent);
}
