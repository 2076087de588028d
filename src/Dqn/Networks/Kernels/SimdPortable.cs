using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dqn.Networks;

/// <summary>Whatever <see cref="Vector{T}"/> is: fused multiply-add only where the processor has it.</summary>
internal readonly unsafe struct SimdPortable : ISimd<Vector<float>>
{
    public static int Lanes => Vector<float>.Count;

    public static int TileRows => 4;

    public static bool RoundsOnce => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* source) => Vector.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector<float> value) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Broadcast(float value) => Vector.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> left, Vector<float> right, Vector<float> addend) =>
        Vector.MultiplyAddEstimate(left, right, addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Add(Vector<float> left, Vector<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Subtract(Vector<float> left, Vector<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Multiply(Vector<float> left, Vector<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Divide(Vector<float> left, Vector<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sqrt(Vector<float> value) => Vector.SquareRoot(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Rectify(Vector<float> value) => Vector.MaxNative(Vector<float>.Zero, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> KeepWherePositive(Vector<float> value, Vector<float> gate) =>
        Vector.ConditionalSelect(Vector.GreaterThan(gate, Vector<float>.Zero), value, Vector<float>.Zero);

    public static Vector<float> LoadBytes(byte* source)
    {
        Vector<float> result = default;
        for (int lane = 0; lane < Lanes; lane++)
            result = result.WithElement(lane, source[lane]);
        return result;
    }
}
