using System.Collections.Immutable;

namespace Dqn.Networks;

/// <summary>
/// A multilayer perceptron over features: fully connected layers with rectifiers between. Parameters: <c>fc1</c>,
/// <c>fc2</c>, … in order, each <c>.weight</c> and <c>.bias</c>; the last values the actions.
/// </summary>
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
        : base([features], pixels: false, Describe(hidden, actions))
    {
    }

    private static ImmutableArray<Layer> Describe(ReadOnlySpan<int> hidden, int actions)
    {
        var layers = ImmutableArray.CreateBuilder<Layer>();
        for (int i = 0; i < hidden.Length; i++)
        {
            layers.Add(new Linear($"fc{i + 1}", hidden[i]));
            layers.Add(new Relu());
        }

        layers.Add(new Linear($"fc{hidden.Length + 1}", actions));
        return layers.ToImmutable();
    }
}
