using Dqn.Values;

namespace Dqn.Networks;

/// <summary>What every engine demands of the spans that <see cref="IQNetwork"/>'s methods take.</summary>
internal static class NetworkArguments
{
    /// <summary>How many observations there are, at least 1.</summary>
    public static int BatchOf(IValueFunction network, ReadOnlySpan<byte> observations)
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

    /// <summary>The batch's size for fitting.</summary>
    public static int BatchOfFit(
        IValueFunction network, ReadOnlySpan<byte> observations, ReadOnlySpan<int> actions, ReadOnlySpan<float> targets,
        ReadOnlySpan<float> weights, ReadOnlySpan<float> tdErrors)
    {
        int batch = BatchOf(network, observations), count = network.ActionCount;
        RequireLength(batch, actions.Length, batch, nameof(actions));
        RequireLength((long)batch * network.Distribution.Atoms, targets.Length, batch, nameof(targets));
        if (!weights.IsEmpty)
            RequireLength(batch, weights.Length, batch, nameof(weights));
        if (!tdErrors.IsEmpty)
            RequireLength(batch, tdErrors.Length, batch, nameof(tdErrors));
        foreach (int action in actions)
            if ((uint)action >= (uint)count)
                throw new ArgumentException($"Expected actions 0 … {count - 1}, got {action}.", nameof(actions));
        return batch;
    }

    /// <summary>What has to agree, beside the parameters, for a network to take on another's state.</summary>
    public static string Signature(ValueDistribution distribution) =>
        distribution is SingleValue ? "" : $"; {distribution}";

    /// <summary>The architecture, with its quantiles valued by their lowest part.</summary>
    public static Sequential AtRisk(Sequential? architecture, double riskLevel) =>
        architecture?.Distribution.AtRisk(riskLevel) is { } quantiles
            ? new Sequential(architecture.ObservationShape, architecture.Pixels, architecture.Layers, quantiles)
            : throw new InvalidOperationException(
                $"Expected a network with a {nameof(QuantileDistribution)} or {nameof(ImplicitQuantileDistribution)}, whose " +
                $"worst part can count, got one with a {architecture?.Distribution ?? new SingleValue()}.");

    /// <summary>A learning rate above 0.</summary>
    public static double RequireLearningRate(double value) => value > 0 && double.IsFinite(value)
        ? value
        : throw new ArgumentOutOfRangeException(
            nameof(IValueLearner.LearningRate), value,
            $"{nameof(IValueLearner.LearningRate)}: expected a finite number above 0.");

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
