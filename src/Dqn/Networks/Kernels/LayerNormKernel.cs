using System.Runtime.Intrinsics;

namespace Dqn.Networks;

/// <summary>
/// The loops of <see cref="LayerNormLayer"/>. Sums are in double precision, eight interleaved ones whatever the
/// processor's vectors, and nothing is a fused multiply-add: all processors give the same bits.
/// </summary>
internal static unsafe class LayerNormKernel
{
    private const int Lanes = 8;

    /// <summary>Mean and 1 / √(variance + ε) of <paramref name="count"/> numbers.</summary>
    public static (float Mean, float Scale) Statistics(float* values, int count, double epsilon)
    {
        Vector256<double> lowers = default, uppers = default;
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(values + i));
            lowers += lower;
            uppers += upper;
        }

        double sum = Vector256.Sum(lowers + uppers);
        for (; i < count; i++)
            sum += values[i];
        double mean = sum / count;

        var means = Vector256.Create(mean);
        lowers = uppers = default;
        for (i = 0; i <= count - Lanes; i += Lanes)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(values + i));
            lower -= means;
            upper -= means;
            lowers += lower * lower;
            uppers += upper * upper;
        }

        double squares = Vector256.Sum(lowers + uppers);
        for (; i < count; i++)
            squares += (values[i] - mean) * (values[i] - mean);
        return ((float)mean, (float)(1 / Math.Sqrt(squares / count + epsilon)));
    }

    /// <summary>(values − mean) · scale · weight + bias, rectified if so told.</summary>
    public static void Normalize(
        float* values, int count, float mean, float scale, float* weight, float* bias, bool rectify, float* results)
    {
        Vector256<float> means = Vector256.Create(mean), scales = Vector256.Create(scale);
        Vector256<float> least = Vector256.Create(rectify ? 0 : float.NegativeInfinity);
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            Vector256<float> normal = (Vector256.Load(values + i) - means) * scales;
            Vector256.Max(normal * Vector256.Load(weight + i) + Vector256.Load(bias + i), least).Store(results + i);
        }

        for (; i < count; i++)
        {
            float normal = (values[i] - mean) * scale;
            results[i] = MathF.Max(normal * weight[i] + bias[i], rectify ? 0 : float.NegativeInfinity);
        }
    }

    /// <summary>The gradients of one item's inputs from those of its outputs.</summary>
    public static void BackwardInputs(
        float* values, float* gradients, int count, float mean, float scale, float* weight, float* results)
    {
        Vector256<float> means = Vector256.Create(mean), scales = Vector256.Create(scale);
        Vector256<double> sums = default, products = default;
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            Vector256<float> gradient = Vector256.Load(gradients + i) * Vector256.Load(weight + i);
            Vector256<float> normal = (Vector256.Load(values + i) - means) * scales;
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(gradient);
            (Vector256<double> lowerNormal, Vector256<double> upperNormal) = Vector256.Widen(normal);
            sums += lower + upper;
            products += lower * lowerNormal + upper * upperNormal;
        }

        double sum = Vector256.Sum(sums), product = Vector256.Sum(products);
        for (; i < count; i++)
        {
            double gradient = gradients[i] * weight[i];
            sum += gradient;
            product += gradient * ((values[i] - mean) * scale);
        }

        float shift = (float)(sum / count), slope = (float)(product / count);
        Vector256<float> shifts = Vector256.Create(shift), slopes = Vector256.Create(slope);
        for (i = 0; i <= count - Lanes; i += Lanes)
        {
            Vector256<float> gradient = Vector256.Load(gradients + i) * Vector256.Load(weight + i);
            Vector256<float> normal = (Vector256.Load(values + i) - means) * scales;
            ((gradient - shifts - normal * slopes) * scales).Store(results + i);
        }

        for (; i < count; i++)
        {
            float normal = (values[i] - mean) * scale;
            results[i] = (gradients[i] * weight[i] - shift - normal * slope) * scale;
        }
    }

    /// <summary>Adds one item's part to the parameters' gradients.</summary>
    public static void AddParameterGradients(
        float* values, float* gradients, int count, float mean, float scale, float* weightGradients,
        float* biasGradients)
    {
        Vector256<float> means = Vector256.Create(mean), scales = Vector256.Create(scale);
        int i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            var gradient = Vector256.Load(gradients + i);
            Vector256<float> normal = (Vector256.Load(values + i) - means) * scales;
            (Vector256.Load(weightGradients + i) + gradient * normal).Store(weightGradients + i);
            (Vector256.Load(biasGradients + i) + gradient).Store(biasGradients + i);
        }

        for (; i < count; i++)
        {
            weightGradients[i] += gradients[i] * ((values[i] - mean) * scale);
            biasGradients[i] += gradients[i];
        }
    }
}
