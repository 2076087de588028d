namespace Dqn.Networks;

/// <summary>A layer at work: <see cref="Conv2dLayer"/> or <see cref="LinearLayer"/>, with the rectifier after it if there is one.</summary>
internal unsafe interface ILayer
{
    string Name { get; }

    /// <summary>PyTorch's shape of the weight.</summary>
    long[] WeightShape { get; }

    PackedWeight Weight { get; }

    /// <summary>Floats of one item's input.</summary>
    int InputLength { get; }

    /// <summary>Floats of one item's output.</summary>
    int OutputLength { get; }

    /// <summary>Whether max(·, 0) follows.</summary>
    bool Rectify { get; }

    /// <summary>Says where the parameters are and where their gradients go (null until something learns).</summary>
    void Bind(float* weight, float* bias, float* weightGradient, float* biasGradient);

    /// <summary>outputs [batch, OutputLength] from inputs [batch, InputLength].</summary>
    void Forward(float* inputs, int batch, float* outputs);

    /// <summary>
    /// The parameters' gradients, and the inputs' if <paramref name="inputGradients"/> is not null, from the gradients of
    /// the outputs before the rectifier.
    /// </summary>
    /// <param name="inputs">What Forward took.</param>
    /// <param name="outputGradients">[batch, OutputLength].</param>
    /// <param name="maskInputs">Whether the inputs came through a rectifier, whose backward is then applied too.</param>
    /// <param name="batch">How many items.</param>
    /// <param name="inputGradients">Destination, [batch, InputLength], or null.</param>
    void Backward(float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients);
}
