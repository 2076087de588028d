using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Replaces each byte of the observations by that which a curve gives it: differences that matter and are small can be
/// made large, at the cost of others. The curve goes in straight lines through points, rounded to the nearest byte.
/// </summary>
public sealed class ToneCurve : EnvironmentWrapper
{
    private readonly byte[] _tones = new byte[256];

    /// <summary>Changes the tones of <paramref name="inner"/>'s observations.</summary>
    /// <param name="inner">The environment to wrap, with observations of bytes.</param>
    /// <param name="points">
    /// What becomes what, 0 … 255: at least two, the first from 0 and the last from 255, each from more than the one
    /// before.
    /// </param>
    /// <exception cref="ArgumentException">The observations are not bytes, or the points are not such.</exception>
    public ToneCurve(IEnvironment inner, ImmutableArray<(int From, int To)> points)
        : base(inner)
    {
        if (inner.Spec.ElementType != ElementType.Byte)
        {
            throw new ArgumentException(
                $"{inner.Spec.Name}: expected observations of bytes, got {inner.Spec.ElementType}.", nameof(inner));
        }

        bool whole = points is [(From: 0, _), .., (From: 255, _)];
        for (int i = 1; whole && i < points.Length; i++)
            whole = points[i].From > points[i - 1].From;
        whole = whole && points.All(point => point.To is >= 0 and <= 255);
        if (!whole)
        {
            throw new ArgumentException(
                "Expected points from 0, from more and more, to 255, to tones of 0 … 255, got " +
                $"[{(points.IsDefault ? "" : string.Join(", ", points))}].", nameof(points));
        }

        Points = points;
        for (int i = 1; i < points.Length; i++)
        {
            ((int from, int to), (int end, int endTo)) = (points[i - 1], points[i]);
            for (int tone = from; tone <= end; tone++)
                _tones[tone] = (byte)Math.Round(to + (double)(endTo - to) * (tone - from) / (end - from));
        }
    }

    /// <summary>The points that the curve goes through.</summary>
    public ImmutableArray<(int From, int To)> Points { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Inner.Observe(observation);
        foreach (ref byte tone in observation)
            tone = _tones[tone];
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) =>
        numbers["points"] = new JsonArray([.. Points.Select(point => new JsonArray(point.From, point.To))]);
}
