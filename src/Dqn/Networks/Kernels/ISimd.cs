namespace Dqn.Networks;

/// <summary>
/// The few vector operations that the kernels are written in; one implementation per instruction set.
/// </summary>
/// <typeparam name="TVector">The processor's vector of floats.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Floats per vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>
    /// Rows of the register tile, 8 or 4: rows × 2 accumulators, 2 operands and a broadcast have to fit the registers,
    /// and there have to be enough accumulators to hide the latency of fused multiply-add.
    /// </summary>
    static abstract int TileRows { get; }

    /// <summary>Whether <see cref="MultiplyAdd"/> is sure to round once.</summary>
    static abstract bool RoundsOnce { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(float* destination, TVector value);

    static abstract TVector Broadcast(float value);

    /// <summary>left · right + addend, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    static abstract TVector Add(TVector left, TVector right);

    static abstract TVector Subtract(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract TVector Divide(TVector left, TVector right);

    static abstract TVector Sqrt(TVector value);

    /// <summary>max(value, 0).</summary>
    static abstract TVector Rectify(TVector value);

    /// <summary>value where gate &gt; 0, else 0.</summary>
    static abstract TVector KeepWherePositive(TVector value, TVector gate);

    /// <summary>As many bytes as there are lanes, 0 … 255.</summary>
    static abstract TVector LoadBytes(byte* source);
}
