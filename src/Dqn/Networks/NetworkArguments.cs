namespace Dqn.Networks;

/// <summary>What every engine demands of the spans that <see cref="IQNetwork"/>'s methods take.</summary>
internal static class NetworkArguments
{
    /// <summary>How many observations there are, at least 1.</summary>
    public static int BatchOf(IQNetwork network, ReadOnlySpan<byte> observations)
    {
        int batch = observations.Length / network.ObservationBytes;
        if (batch == 0 || batch * network.ObservationBytes != observations.Length)
        {
            throw new ArgumentException(
                $"Expected a multiple of {network.ObservationBytes} bytes of observations, got {observations.Length}.",
                nameof(observations));
        }

        return batch;
    }

    /// <summary>Throws unless there are as many as expected for a batch.</summary>
    public static void RequireLength(long expected, int length, int batch, string name)
    {
        if (length != expected)
            throw new ArgumentException($"Expected {expected} {name} for {batch} observations, got {length}.", name);
    }

    /// <summary>The batch's size for fitting towards targets of so many numbers each.</summary>
    public static int BatchOfFit(
        IQNetwork network, ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        int targetLength, ReadOnlySpan<float> weights, ReadOnlySpan<float> tdErrors)
    {
        int batch = BatchOf(network, observations), count = network.ActionCount;
        RequireLength(batch, actions.Length, batch, nameof(actions));
        RequireLength((long)batch * targetLength, targets.Length, batch, nameof(targets));
        if (!weights.IsEmpty)
            RequireLength(batch, weights.Length, batch, nameof(weights));
        if (!tdErrors.IsEmpty)
            RequireLength(batch, tdErrors.Length, batch, nameof(tdErrors));
        foreach (int action in actions)
            if ((uint)action >= (uint)count)
                throw new ArgumentException($"Expected actions 0 … {count - 1}, got {action}.", nameof(actions));
        return batch;
    }

    /// <summary>Throws unless the network values actions by single numbers.</summary>
    public static void RequireNoDistribution(IQNetwork network)
    {
        if (network.Distribution is { } distribution)
        {
            throw new NotSupportedException(
                $"Expected {nameof(IQNetwork.FitDistributions)}: the network gives a {distribution}.");
        }
    }

    /// <summary>The network's distribution.</summary>
    public static ValueDistribution RequireDistribution(IQNetwork network) => network.Distribution
        ?? throw new NotSupportedException(
            $"Expected {nameof(IQNetwork.Fit)}: the network values actions by single numbers.");

    /// <summary>The architecture, with other values made of the same distributions.</summary>
    public static Sequential RequireOtherValues(
        IQNetwork network, Sequential? architecture, ValueDistribution distribution)
    {
        ArgumentNullException.ThrowIfNull(distribution);
        ValueDistribution own = RequireDistribution(network);
        bool alike = (own, distribution) is (QuantileDistribution, QuantileDistribution)
            ? own.Atoms == distribution.Atoms
            : own == distribution;
        return alike
            ? new Sequential(architecture!.ObservationShape, architecture.Pixels, architecture.Layers, distribution)
            : throw new ArgumentException($"Expected a distribution like {own}, got {distribution}.", nameof(distribution));
    }

    /// <summary>A learning rate above 0.</summary>
    public static double RequireLearningRate(double value) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(
            nameof(IQNetwork.LearningRate), value,
            $"{nameof(IQNetwork.LearningRate)}: expected a finite number above 0.");

    /// <summary>
    /// Throws unless saved numbers are finite and, where they are means of squares (PyTorch's <c>square_avg</c> or
    /// <c>exp_avg_sq</c>), at least 0: they would make the next update NaN.
    /// </summary>
    public static void RequirePossibleState(ReadOnlySpan<float> values, string what)
    {
        bool squares = what.Contains("sq", StringComparison.Ordinal);
        foreach (float value in values)
        {
            if (!float.IsFinite(value) || (squares && value < 0))
            {
                throw new InvalidDataException(
                    $"Network state: expected {what} to be finite{(squares ? " and at least 0" : "")}, got {value}.");
            }
        }
    }

    /// <summary>Throws unless 0 &lt; fraction ≤ 1.</summary>
    public static void RequireFraction(float fraction)
    {
        if (!(fraction is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(fraction), fraction, "fraction: expected above 0 and at most 1.");
        }
    }
}
