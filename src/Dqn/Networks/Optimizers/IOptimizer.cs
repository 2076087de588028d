namespace Dqn.Networks;

/// <summary>An optimizer at work: <see cref="RmsProp"/>, <see cref="Adam"/> or <see cref="RAdam"/>.</summary>
internal unsafe interface IOptimizer
{
    /// <summary>
    /// What distinguishes its state from another optimizer's, PyTorch's names: "RMSprop square_avg grad_avg".
    /// </summary>
    string Kind { get; }

    /// <summary>What it remembers per parameter, laid out as the parameters are; zero at first.</summary>
    ReadOnlySpan<AlignedBuffer> Slots { get; }

    /// <summary>How many steps were taken.</summary>
    long Steps { get; set; }

    /// <summary>
    /// Starts a step of size <paramref name="learningRate"/> in which each gradient is first multiplied with
    /// <paramref name="gradientScale"/>.
    /// </summary>
    void BeginStep(double learningRate, float gradientScale);

    /// <summary>
    /// The step for <paramref name="count"/> parameters, a multiple of the lanes; threads may share a step. Best called
    /// for stretches of one length in their order: the next one's memory is fetched meanwhile.
    /// </summary>
    /// <param name="gradients">[count].</param>
    /// <param name="start">Which parameters: their place in the layout of <see cref="Slots"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="parameters">[count], changed.</param>
    void Update(float* gradients, long start, int count, float* parameters);
}
