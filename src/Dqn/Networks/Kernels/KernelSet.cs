using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Dqn.Networks;

/// <summary>
/// The seam between the layers and the processor: the kernels for one instruction set. Every element of a result is a
/// sum in the same order whatever the vectors' width, so sets with fused multiply-add agree to the bit.
/// </summary>
internal abstract unsafe class KernelSet
{
    /// <summary>Floats per vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>Rows of a tile.</summary>
    public abstract int TileRows { get; }

    /// <summary>Columns of a full block: two vectors.</summary>
    public int BlockWidth => 2 * Lanes;

    /// <summary>The kernels for that instruction set.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor or this build lacks it.</exception>
    public static KernelSet For(InstructionSet instructionSet) => instructionSet switch
    {
        InstructionSet.Best =>
            IsSupported(InstructionSet.Vector512) ? For(InstructionSet.Vector512)
            : IsSupported(InstructionSet.Vector256) ? For(InstructionSet.Vector256)
            : IsSupported(InstructionSet.Vector128) ? For(InstructionSet.Vector128)
            : For(InstructionSet.Portable),
        _ when !IsSupported(instructionSet) =>
            throw new PlatformNotSupportedException(Missing(instructionSet, !RuntimeFeature.IsDynamicCodeCompiled)),
        InstructionSet.Vector512 => new KernelSet<Simd512, Vector512<float>>(),
        InstructionSet.Vector256 => new KernelSet<Simd256, Vector256<float>>(),
        InstructionSet.Vector128 => new KernelSet<Simd128, Vector128<float>>(),
        _ => new KernelSet<SimdPortable, Vector<float>>(),
    };

    public static bool IsSupported(InstructionSet instructionSet) => instructionSet switch
    {
        InstructionSet.Vector512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        InstructionSet.Vector256 => Vector256.IsHardwareAccelerated && Fma.IsSupported,
        InstructionSet.Vector128 => Vector128.IsHardwareAccelerated && (Fma.IsSupported || AdvSimd.IsSupported),
        _ => true,
    };

    // Compiled ahead of time, the vectors are those that the build was told of, whatever the processor has.
    internal static string Missing(InstructionSet instructionSet, bool aheadOfTime) => aheadOfTime
        ? $"This build or this processor lacks {instructionSet} with fused multiply-add. A native build has only what the " +
          "project file's <IlcInstructionSet> names: set it to native for this machine's processor, or to x86-64-v3 for " +
          "256-bit or x86-64-v4 for 512-bit vectors; or choose Best or Portable."
        : $"This processor lacks {instructionSet} with fused multiply-add. Choose Best or Portable.";

    /// <summary>C = A · B for some rows, with bias and rectifier.</summary>
    public abstract void Multiply(in RowTile tile);

    /// <summary>C = Aᵀ · B for some rows of C.</summary>
    public abstract void MultiplyTransposed(in OuterTile tile);

    /// <summary>destination[i] = source[i] / 255, rounded once.</summary>
    public abstract void ScaleBytes(byte* source, int count, float* destination);

    /// <summary>sums[column] = or += the sum over rows, in their order, of [rows, columns].</summary>
    public void SumRows(float* values, int rows, int columns, bool add, float* sums) =>
        SumRows(values, rows, columns, columns, add, sums);

    /// <summary>The same where rows begin <paramref name="stride"/> floats apart.</summary>
    public abstract void SumRows(float* values, int rows, int columns, long stride, bool add, float* sums);

    /// <summary>sums[i] += values[i].</summary>
    public abstract void Add(float* values, int count, float* sums);

    /// <summary>values[i] += fraction · (goals[i] − values[i]).</summary>
    public abstract void MoveTowards(float* goals, int count, float fraction, float* values);

    /// <summary>destination[i] = max(values[i], 0); what is no number stays none.</summary>
    public abstract void Rectify(float* values, int count, float* destination);

    /// <summary>values[i] = 0 where gates[i] ≤ 0: the rectifier's backward.</summary>
    public abstract void Mask(float* gates, int count, float* values);

    /// <summary>
    /// One step of RMSProp over <paramref name="count"/> parameters, a multiple of the lanes. As many that follow them
    /// are expected to be next, and their memory is asked for.
    /// </summary>
    public abstract void RmsProp(
        in RmsPropStep step, float* gradients, int count, float* squares, float* means, float* momenta,
        float* parameters);

    /// <summary>One step of Adam; otherwise as <see cref="RmsProp"/>.</summary>
    public abstract void Adam(
        in AdamStep step, float* gradients, int count, float* means, float* squares, float* parameters);
}
