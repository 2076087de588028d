namespace Dqn.Networks;

/// <summary>What becomes of a window of an image: <see cref="MaxPooling"/> or <see cref="AvgPooling"/>.</summary>
internal unsafe interface IPooling
{
    /// <summary>One number per channel.</summary>
    /// <param name="window">The window's size.</param>
    /// <param name="inputs">Its first pixel.</param>
    /// <param name="outputs">Destination, [channels].</param>
    void Forward(in PoolWindow window, float* inputs, float* outputs);

    /// <summary>Adds to the gradients of a window's pixels.</summary>
    /// <param name="window">The window's size.</param>
    /// <param name="inputs">Its first pixel.</param>
    /// <param name="outputGradients">[channels].</param>
    /// <param name="inputGradients">Where the first pixel's gradients are.</param>
    void Backward(in PoolWindow window, float* inputs, float* outputGradients, float* inputGradients);
}
