namespace Dqn.Networks;

/// <summary>The numbers of a <see cref="CustomLayer"/>'s parameters, each row-major.</summary>
public readonly ref struct LayerParameters
{
    private readonly ReadOnlySpan<float> _values;
    private readonly ReadOnlySpan<Range> _places;

    internal LayerParameters(ReadOnlySpan<float> values, ReadOnlySpan<Range> places)
    {
        _values = values;
        _places = places;
    }

    /// <summary>How many parameters.</summary>
    public int Count => _places.Length;

    /// <summary>One parameter, in the order of <see cref="CustomLayer.Parameters"/>.</summary>
    public ReadOnlySpan<float> this[int index] => _values[_places[index]];
}
