namespace Dqn.Randomness;

/// <summary>
/// Normally distributed numbers of mean 0 and variance 1, by G. Marsaglia and T. Bray's polar method (1964); not
/// NumPy's numbers.
/// </summary>
internal static class Normal
{
    /// <summary>Fills <paramref name="numbers"/>, two at a time.</summary>
    public static void Fill(Pcg64 random, Span<float> numbers)
    {
        for (int i = 0; i < numbers.Length; i += 2)
        {
            // A point in the unit circle, its centre aside.
            double x, y, square;
            do
            {
                (x, y) = (random.Uniform(-1, 1), random.Uniform(-1, 1));
                square = x * x + y * y;
            }
            while (square is >= 1 or 0);

            double scale = Math.Sqrt(-2 * Math.Log(square) / square);
            numbers[i] = (float)(x * scale);
            if (i + 1 < numbers.Length)
                numbers[i + 1] = (float)(y * scale);
        }
    }
}
