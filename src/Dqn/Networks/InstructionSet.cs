namespace Dqn.Networks;

/// <summary>
/// Which vector instructions the kernels use. Those with fused multiply-add (the first three, on the processors named)
/// give the same bits as each other.
/// </summary>
public enum InstructionSet
{
    /// <summary>The fastest that the processor has.</summary>
    Best,

    /// <summary>512-bit vectors: AVX-512.</summary>
    Vector512,

    /// <summary>256-bit vectors: AVX2 with FMA.</summary>
    Vector256,

    /// <summary>128-bit vectors: AdvSimd, or FMA on x86.</summary>
    Vector128,

    /// <summary><c>System.Numerics.Vector</c>, which every processor has, of whatever width it finds.</summary>
    Portable,
}
