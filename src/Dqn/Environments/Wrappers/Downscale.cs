using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json.Nodes;

namespace Dqn.Environments;

/// <summary>
/// Makes grey frames smaller: each square of <c>factor</c> × <c>factor</c> pixels becomes its mean, rounded to nearest,
/// halves up. [height, width] becomes [height / factor, width / factor]. A network over a picture of half the side costs
/// a quarter.
/// </summary>
/// <example><code>using var small = new Downscale(grey, factor: 2); // or grey.WithDownscale(2)</code></example>
public sealed class Downscale : EnvironmentWrapper
{
    private const int Lanes = 16;

    private readonly byte[] _frame;
    private readonly int[] _sums;
    private readonly int _factor;

    /// <summary>Averages squares of pixels.</summary>
    /// <param name="inner">The environment to wrap; its observations are single grey frames, [height, width] bytes.</param>
    /// <param name="factor">The side of a square, 1 … 256; height and width are multiples of it.</param>
    /// <exception cref="ArgumentException">The observations are something else, or do not divide.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The factor is out of its range.</exception>
    public Downscale(IEnvironment inner, int factor = 2)
        : base(inner)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factor, 256);
        var spec = inner.Spec;
        if (spec.ElementType != ElementType.Byte || spec.ObservationShape is not [int height, int width]
            || height % factor != 0 || width % factor != 0)
        {
            throw new ArgumentException(
                $"{spec.Name}: expected observations of [height, width] bytes, both multiples of {factor}, got " +
                $"[{string.Join(", ", spec.ObservationShape)}] of {spec.ElementType}.",
                nameof(inner));
        }

        _factor = factor;
        _frame = new byte[height * width];
        _sums = new int[width / factor];
        Spec = spec with { ObservationShape = [height / factor, width / factor] };
    }

    /// <inheritdoc/>
    public override EnvironmentSpec Spec { get; }

    /// <inheritdoc/>
    public override void Observe(Span<byte> observation)
    {
        Spec.ThrowIfNotAnObservation(observation);
        Inner.Observe(_frame);
        int columns = _sums.Length, stride = columns * _factor, area = _factor * _factor;
        for (int row = 0; row < Spec.ObservationShape[0]; row++)
        {
            if (_factor == 2 && columns >= Lanes)
            {
                Halve(_frame.AsSpan(2 * row * stride, 2 * stride), observation.Slice(row * columns, columns));
                continue;
            }

            Array.Clear(_sums);
            for (int y = 0; y < _factor; y++)
                AddRow(_frame.AsSpan((row * _factor + y) * stride, stride));
            Span<byte> small = observation.Slice(row * columns, columns);
            for (int column = 0; column < columns; column++)
                small[column] = (byte)((2 * _sums[column] + area) / (2 * area));
        }
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) =>
        numbers["factor"] = _factor;

    // Two rows to one. The last pixels are done with some of those before them once more where they do not fill a vector.
    private static void Halve(ReadOnlySpan<byte> rows, Span<byte> small)
    {
        ReadOnlySpan<ushort> upper = MemoryMarshal.Cast<byte, ushort>(rows[..(rows.Length / 2)]);
        ReadOnlySpan<ushort> lower = MemoryMarshal.Cast<byte, ushort>(rows[(rows.Length / 2)..]);
        for (int next = 0; next < small.Length; next += Lanes)
        {
            int column = Math.Min(next, small.Length - Lanes);
            Vector128<ushort> left = Means(upper[column..], lower[column..]);
            Vector128<ushort> right = Means(upper[(column + Lanes / 2)..], lower[(column + Lanes / 2)..]);
            Vector128.Narrow(left, right).CopyTo(small[column..]);
        }

        // A number of 16 bits is two pixels beside each other.
        static Vector128<ushort> Means(ReadOnlySpan<ushort> upper, ReadOnlySpan<ushort> lower)
        {
            Vector128<ushort> above = Vector128.Create(upper), below = Vector128.Create(lower);
            var pixel = Vector128.Create((ushort)0xFF);
            return ((above & pixel) + (above >> 8) + (below & pixel) + (below >> 8) + Vector128.Create((ushort)2)) >> 2;
        }
    }

    private void AddRow(ReadOnlySpan<byte> pixels)
    {
        for (int column = 0; column < _sums.Length; column++)
        {
            int sum = 0;
            foreach (byte pixel in pixels.Slice(column * _factor, _factor))
                sum += pixel;
            _sums[column] += sum;
        }
    }
}
