namespace Dqn.Networks;

/// <summary>Where the gradients of a <see cref="CustomLayer"/>'s parameters go, each row-major.</summary>
public readonly ref struct LayerGradients
{
    private readonly Span<float> _values;
    private readonly ReadOnlySpan<Range> _places;

    internal LayerGradients(Span<float> values, ReadOnlySpan<Range> places)
    {
        _values = values;
        _places = places;
    }

    /// <summary>How many parameters.</summary>
    public int Count => _places.Length;

    /// <summary>One parameter's, in the order of <see cref="CustomLayer.Parameters"/>.</summary>
    public Span<float> this[int index] => _values[_places[index]];
}
