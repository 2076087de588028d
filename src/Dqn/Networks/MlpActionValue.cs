namespace Dqn.Networks;

/// <summary>
/// A multilayer perceptron over features: fully connected layers with rectifiers between. Parameters: <c>fc1</c>,
/// <c>fc2</c>, … in order, each <c>.weight</c> and <c>.bias</c>; the last values the actions. For others see
/// <see cref="ActionValueOptions"/>.
/// </summary>
/// <example>
/// Four numbers, two hidden layers of 64 units, two actions:
/// <code>
/// using var network = new QNetwork(new MlpActionValue(4, 2, 64, 64), new Pcg64(1));
/// </code></example>
public sealed record MlpActionValue : Sequential
{
    /// <summary>Describes the network for observations of floats [features].</summary>
    /// <param name="features">How many numbers an observation has, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="hidden">
    /// The sizes of the hidden layers, each at least 1; none makes the values linear in the features.
    /// </param>
    /// <exception cref="ArgumentException">A number below 1.</exception>
    public MlpActionValue(int features, int actions, params ReadOnlySpan<int> hidden)
        : this(features, actions, new ActionValueOptions(), hidden)
    {
    }

    /// <inheritdoc cref="MlpActionValue(int, int, ReadOnlySpan{int})" path="/summary|/exception"/>
    /// <param name="features">How many numbers an observation has, at least 1.</param>
    /// <param name="actions">How many actions are valued, at least 1.</param>
    /// <param name="options">What it has beyond the plain network.</param>
    /// <param name="hidden">
    /// The sizes of the hidden layers, each at least 1; none makes the values linear in the features.
    /// </param>
    public MlpActionValue(int features, int actions, ActionValueOptions options, params ReadOnlySpan<int> hidden)
        : base([features], pixels: false, Require(options).Describe([], hidden, actions), options.Distribution)
    {
    }

    private static ActionValueOptions Require(ActionValueOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
