using System.Numerics;

namespace Dqn.Networks;

/// <summary>output = Σ inputs / divisor.</summary>
internal sealed unsafe class AvgPooling : IPooling
{
    public void Forward(in PoolWindow window, float* inputs, float* outputs)
    {
        int channel = 0;
        for (; channel <= window.Channels - Vector<float>.Count; channel += Vector<float>.Count)
        {
            Vector<float> sum = default;
            for (int row = 0; row < window.Rows; row++)
            {
                float* pixel = inputs + row * window.RowStride + channel;
                for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                    sum += Vector.Load(pixel);
            }

            (sum / new Vector<float>(window.Divisor)).Store(outputs + channel);
        }

        for (; channel < window.Channels; channel++)
        {
            float sum = 0;
            for (int row = 0; row < window.Rows; row++)
            {
                float* pixel = inputs + row * window.RowStride + channel;
                for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                    sum += *pixel;
            }

            outputs[channel] = sum / window.Divisor;
        }
    }

    public void Backward(in PoolWindow window, float* inputs, float* outputGradients, float* inputGradients)
    {
        int channel = 0;
        for (; channel <= window.Channels - Vector<float>.Count; channel += Vector<float>.Count)
        {
            Vector<float> share = Vector.Load(outputGradients + channel) / new Vector<float>(window.Divisor);
            for (int row = 0; row < window.Rows; row++)
            {
                float* pixel = inputGradients + row * window.RowStride + channel;
                for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                    (Vector.Load(pixel) + share).Store(pixel);
            }
        }

        for (; channel < window.Channels; channel++)
        {
            float share = outputGradients[channel] / window.Divisor;
            for (int row = 0; row < window.Rows; row++)
            {
                float* pixel = inputGradients + row * window.RowStride + channel;
                for (int column = 0; column < window.Columns; column++, pixel += window.Channels)
                    *pixel += share;
            }
        }
    }
}
