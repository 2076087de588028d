namespace Dqn.Networks;

/// <summary>
/// A layer at work, with the rectifier after it if there is one: <see cref="Conv2dLayer"/>, <see cref="LinearLayer"/>
/// and what is made of them.
/// </summary>
internal unsafe interface ILayer
{
    /// <summary>Its parameters, in the state dict's order.</summary>
    IReadOnlyList<LayerParameter> Parameters { get; }

    /// <summary>Floats of one item's input.</summary>
    int InputLength { get; }

    /// <summary>Floats of one item's output.</summary>
    int OutputLength { get; }

    /// <summary>Whether max(·, 0) follows.</summary>
    bool Rectify { get; }

    /// <summary>Says where this layer's parameters are, and their gradients.</summary>
    /// <param name="parameters">All layers' parameters.</param>
    /// <param name="gradients">Their gradients, laid out alike; null until something learns.</param>
    /// <param name="starts">Where in both each of <see cref="Parameters"/> starts.</param>
    void Bind(float* parameters, float* gradients, ReadOnlySpan<long> starts);

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
    /// If not null, the layer takes the step of each parameter that is <see cref="LayerParameter.UpdatedByLayer"/> at
    /// once and stores no gradient of it: a large weight then passes through the cache once.
    /// </param>
    void Backward(
        float* inputs, float* outputGradients, bool maskInputs, int batch, float* inputGradients,
        IOptimizer? optimizer);
}
