using System.Text.Json;
using Dqn.Values;

namespace Dqn.Watching;

/// <summary>
/// The distribution of each action's return as shares in bins that all actions have in common, whatever the network says
/// them by: probabilities on a grid, or quantiles.
/// </summary>
internal sealed class ReturnHistogram
{
    private const int Bins = 48;

    private readonly int _actions, _atoms;
    private readonly double _scale;
    private readonly CategoricalDistribution? _categories;
    private readonly double[] _shares;

    private ReturnHistogram(ValueDistribution distribution, int actions, double rewardScale)
    {
        (_actions, _atoms, _scale) = (actions, distribution.Atoms, rewardScale);
        _categories = distribution as CategoricalDistribution;
        _shares = new double[Bins];
    }

    /// <summary>Null where the network says a number of a return, not how it is distributed.</summary>
    public static ReturnHistogram? For(ValueDistribution distribution, int actions, double rewardScale) =>
        distribution is CategoricalDistribution or QuantileDistribution or ImplicitQuantileDistribution
            ? new ReturnHistogram(distribution, actions, rewardScale) : null;

    /// <summary>Writes "distribution": {"min", "max", "shares": [actions][bins]}, in thousandths.</summary>
    public void Write(Utf8JsonWriter writer, ReadOnlySpan<float> distributions)
    {
        (double min, double max) = Range(distributions);
        if (!double.IsFinite(max - min))
            return;
        writer.WriteStartObject("distribution");
        writer.WriteNumber("min", Math.Round(min / _scale, 3));
        writer.WriteNumber("max", Math.Round(max / _scale, 3));
        writer.WriteStartArray("shares");
        for (int action = 0; action < _actions; action++)
        {
            ReadOnlySpan<float> atoms = distributions.Slice(action * _atoms, _atoms);
            Fill(atoms, min, max);
            writer.WriteStartArray();
            foreach (double share in _shares)
                writer.WriteNumberValue((int)(share * 1000 + 0.5));
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    // Of a grid the part that has a probability worth drawing; of quantiles from the least to the greatest, with a margin.
    private (double Min, double Max) Range(ReadOnlySpan<float> distributions)
    {
        double min = double.PositiveInfinity, max = double.NegativeInfinity;
        for (int i = 0; i < distributions.Length; i++)
        {
            if (_categories is not null && distributions[i] < 0.002)
                continue;
            double at = _categories?.ReturnOf(i % _atoms) ?? distributions[i];
            (min, max) = (Math.Min(min, at), Math.Max(max, at));
        }

        double margin = Math.Max((max - min) * 0.06, 1e-3);
        return (min - margin, max + margin);
    }

    // An atom's share goes to the two bins nearest, by nearness.
    private void Fill(ReadOnlySpan<float> atoms, double min, double max)
    {
        Array.Clear(_shares);
        for (int i = 0; i < atoms.Length; i++)
        {
            double at = _categories?.ReturnOf(i) ?? atoms[i];
            double share = _categories is null ? 1.0 / atoms.Length : atoms[i];
            double place = Math.Clamp((at - min) / (max - min) * Bins - 0.5, 0, Bins - 1);
            int lower = Math.Min((int)place, Bins - 2);
            _shares[lower] += share * (1 - (place - lower));
            _shares[lower + 1] += share * (place - lower);
        }

        for (int times = 0; _categories is null && times < 3; times++)
            Smooth();
    }

    // A quantile is a point of the distribution, not a peak. What would be lost at an end stays there.
    private void Smooth()
    {
        double before = _shares[0];
        for (int i = 0; i < Bins; i++)
        {
            double here = _shares[i], after = i + 1 < Bins ? _shares[i + 1] : here;
            _shares[i] = (before + 2 * here + after) / 4;
            before = here;
        }
    }
}
