namespace Dqn.Media;

/// <summary>
/// One line of a <see cref="LinePlot"/>: points joined in their order, perhaps with a shaded band around it.
/// </summary>
/// <param name="Name">What the legend calls it; empty: not in the legend.</param>
/// <param name="X">Each point's horizontal value, finite.</param>
/// <param name="Y">Each point's vertical value; NaN or infinite: a gap.</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>
    /// The shaded band's lower edge, one value per point; a value that is not finite is a gap. Default: no band.
    /// </summary>
    public IReadOnlyList<double>? BandLow { get; init; }

    /// <summary>The shaded band's upper edge, likewise; given exactly when <see cref="BandLow"/> is.</summary>
    public IReadOnlyList<double>? BandHigh { get; init; }

    /// <summary>The line's width in units of the plot's size, above 0 to 20; 0: no line. Default 2.</summary>
    public double LineWidth { get; init; } = 2;

    /// <summary>Whether each point gets a dot. Default false; a point without neighbours always does.</summary>
    public bool Markers { get; init; }

    /// <summary>How opaque the line and its dots are, above 0 to 1. Default 1.</summary>
    public double Opacity { get; init; } = 1;

    /// <summary>The colour. Default: the next one of the plot's own row.</summary>
    public RgbColor? Color { get; init; }

    /// <summary>This series with the band Y − deviation … Y + deviation.</summary>
    /// <param name="deviation">One value per point, for example the standard deviation.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="deviation"/> has not as many values as there are points.
    /// </exception>
    public LineSeries WithDeviation(IReadOnlyList<double> deviation)
    {
        ArgumentNullException.ThrowIfNull(deviation);
        if (deviation.Count != Y.Count)
            throw new ArgumentException(
                $"Expected {Y.Count} deviations for the points of '{Name}', got {deviation.Count}.", nameof(deviation));
        return this with
        {
            BandLow = [.. Y.Zip(deviation, (y, d) => y - d)],
            BandHigh = [.. Y.Zip(deviation, (y, d) => y + d)],
        };
    }

    /// <summary>Equal in every property, the lists by what they hold.</summary>
    public bool Equals(LineSeries? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Name == other.Name && X.SequenceEqual(other.X) && Y.SequenceEqual(other.Y) &&
        IsSame(BandLow, other.BandLow) && IsSame(BandHigh, other.BandHigh) && LineWidth.Equals(other.LineWidth) &&
        Markers == other.Markers && Opacity.Equals(other.Opacity) && Color == other.Color);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, X.Count, Y.Count, LineWidth, Markers, Opacity, Color);

    internal void Validate()
    {
        if (Name is null || X is null || Y is null)
            throw new ArgumentException("A series needs a name, X and Y; one of them is null.");
        CheckCount(Y, nameof(Y));
        if (BandLow is null != BandHigh is null)
            throw new ArgumentException($"The series '{Name}' has one edge of a band: it needs both or none.");
        if (BandLow is not null && BandHigh is not null)
        {
            CheckCount(BandLow, nameof(BandLow));
            CheckCount(BandHigh, nameof(BandHigh));
        }

        for (int i = 0; i < X.Count; i++)
            if (!AxisRange.IsDrawable(X[i]))
                throw new ArgumentException($"X[{i}] of the series '{Name}' is {X[i]}: expected a finite number.");
        if (!(LineWidth is >= 0 and <= 20))
            throw new ArgumentException($"The series '{Name}' has LineWidth {LineWidth}: expected 0 to 20.");
        if (!(Opacity is > 0 and <= 1))
            throw new ArgumentException($"The series '{Name}' has Opacity {Opacity}: expected above 0 to 1.");
    }

    private static bool IsSame(IReadOnlyList<double>? one, IReadOnlyList<double>? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other);

    private void CheckCount(IReadOnlyList<double> values, string name)
    {
        if (values.Count != X.Count)
            throw new ArgumentException(
                $"The series '{Name}' has {X.Count} values of X and {values.Count} of {name}: expected as many.");
    }
}
