namespace Dqn.Networks;

/// <summary>
/// A layer at work: <see cref="Conv2dLayer"/> or <see cref="LinearLayer"/>, with the rectifier after it if there is
/// one.
/// </summary>
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

    /// <summary>
    /// Whether <see cref="Backward"/> with an optimizer updates the weight, so that nobody else must.
    /// </summary>
    bool UpdatesWeight { get; }

    /// <summary>Says where this layer's parameters are, and their gradients.</summary>
    /// <param name="parameters">All layers' parameters.</param>
    /// <param name="gradients">Their gradients, laid out alike; null until something learns.</param>
    /// <param name="weightStart">Where in both the weight starts.</param>
    /// <param name="biasStart">Where in both the bias starts.</param>
    void Bind(float* parameters, float* gradients, long weightStart, long biasStart);

    /// <summary>
    /// outputs [batch, OutputLength] from inputs [batch, InputLength]; a convolution that comes first takes its inputs
    /// from the <see cref="ObservationConverter"/> instead.
    /// </summary>
    void Forward(float* inputs, int batch, float* outputs);

    /// <summary>
    /// The parameters' gradients, and the inputs' if <paramref name="inputGradients"/> is not null, from the gradients
    /// of the outputs before the rectifier.
    /// </summary>
    /// <param name="inputs">What Forward took.</param>
    /// <param name="outputGradients">[batch, OutputLength].</param>
    /// <param name="maskInputs">
    /// Whether the inputs came through a rectifier, whose backward is then applied too.
    /// </param>
    /// <param name="batch">How many items.</param>
    /// <param name="inputGradients">Destination, [batch, InputLength], or null.</param>
    /// <param name="optimizer">
    /// If not null and the layer <see cref="UpdatesWeight"/>, it takes the weight's step at once and stores no
    /// gradient of it: a large weight then passes through the cache once.
    /// </param>
    void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients,
        IOptimizer? optimizer);
}
