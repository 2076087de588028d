using Dqn.Randomness;

namespace Dqn.Networks;

/// <summary>
/// The names that PyTorch's spectral normalisation gives a layer's parameters, and the vectors' first directions.
/// </summary>
internal static class SpectralNorm
{
    // PyTorch's, below which a length counts as this.
    public const double Epsilon = 1e-12;

    /// <summary>Iterations before the first evaluation: PyTorch's.</summary>
    public const int FirstIterations = 15;

    public static string WeightName(string layer) => $"{layer}.parametrizations.weight.original";

    public static string LeftName(string layer) => $"{layer}.parametrizations.weight.0._u";

    public static string RightName(string layer) => $"{layer}.parametrizations.weight.0._v";

    /// <summary>A direction, all alike likely.</summary>
    public static void Draw(Pcg64 random, Span<float> vector)
    {
        Normal.Fill(random, vector);
        var scale = (float)(1 / Length(vector));
        foreach (ref float value in vector)
            value *= scale;
    }

    /// <summary>The vector's length, at least ε.</summary>
    public static double Length(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (float value in vector)
            sum += (double)value * value;
        return Math.Max(Math.Sqrt(sum), Epsilon);
    }
}
