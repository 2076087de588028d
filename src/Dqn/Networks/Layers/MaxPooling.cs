using System.Numerics;

namespace Dqn.Networks;

/// <summary>output = max inputs; its gradient goes to the first of equal ones.</summary>
internal sealed unsafe class MaxPooling : IPooling
{
    public void Forward(in PoolWindow window, float* inputs, float* outputs)
    {
        int channel = 0;
        for (; channel <= window.Channels - Vector<float>.Count; channel += Vector<float>.Count)
            Largest(window, inputs + channel).Store(outputs + channel);
        for (; channel < window.Channels; channel++)
            outputs[channel] = LargestOfOne(window, inputs + channel);
    }

    // Which was the largest is found anew: to keep it would cost as much memory as the outputs take.
    public void Backward(in PoolWindow window, float* inputs, float* outputGradients, float* inputGradients)
    {
        int channel = 0;
        for (; channel <= window.Channels - Vector<float>.Count; channel += Vector<float>.Count)
        {
            Vector<float> largest = Largest(window, inputs + channel);
            Vector<float> gradient = Vector.Load(outputGradients + channel);
            for (int row = 0; row < window.Rows; row++)
            {
                nint at = row * window.RowStride + channel;
                for (int column = 0; column < window.Columns; column++, at += window.Channels)
                {
                    Vector<int> found = Vector.Equals(Vector.Load(inputs + at), largest);
                    Vector<float> share = Vector.ConditionalSelect(found, gradient, default);
                    (Vector.Load(inputGradients + at) + share).Store(inputGradients + at);
                    gradient = Vector.ConditionalSelect(found, default, gradient);
                }
            }
        }

        for (; channel < window.Channels; channel++)
            BackwardOfOne(window, inputs + channel, outputGradients[channel], inputGradients + channel);
    }

    private static Vector<float> Largest(in PoolWindow window, float* inputs)
    {
        Vector<float> largest = Vector.Load(inputs);
        for (int row = 0; row < window.Rows; row++)
        {
            float* pixel = inputs + row * window.RowStride;
            for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                largest = Vector.Max(largest, Vector.Load(pixel));
        }

        return largest;
    }

    private static float LargestOfOne(in PoolWindow window, float* inputs)
    {
        float largest = *inputs;
        for (int row = 0; row < window.Rows; row++)
        {
            float* pixel = inputs + row * window.RowStride;
            for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                largest = MathF.Max(largest, *pixel);
        }

        return largest;
    }

    private static void BackwardOfOne(in PoolWindow window, float* inputs, float gradient, float* inputGradients)
    {
        float largest = LargestOfOne(window, inputs);
        for (int row = 0; row < window.Rows; row++)
        {
            nint at = row * window.RowStride;
            for (int column = 0; column < window.Columns; column++, at += window.Channels)
            {
                if (inputs[at] == largest)
                {
                    inputGradients[at] += gradient;
                    return;
                }
            }
        }
    }
}
