namespace Dqn.Networks;

/// <summary>Where a parameter's numbers lie: <see cref="PackedWeight"/> or <see cref="ImageOrder"/>.</summary>
internal interface IPacking
{
    /// <summary>Floats with padding, which is 0 and stays 0.</summary>
    long Length { get; }

    /// <summary>PyTorch's order to this one.</summary>
    void Pack(ReadOnlySpan<float> source, Span<float> destination);

    /// <summary>This order to PyTorch's.</summary>
    void Unpack(ReadOnlySpan<float> source, Span<float> destination);
}
