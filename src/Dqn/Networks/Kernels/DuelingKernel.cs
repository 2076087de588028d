using System.Numerics;

namespace Dqn.Networks;

/// <summary>
/// What a dueling layer does to one item, several atoms at a time. Matrices are [actions, atoms]; sums go over the actions in
/// their order.
/// </summary>
internal static unsafe class DuelingKernel
{
    /// <summary>advantages[a, z] += value[z] − meanₐ advantages[·, z].</summary>
    public static void Combine(float* value, int actions, int atoms, float* advantages)
    {
        int atom = 0;
        for (; atom <= atoms - Vector<float>.Count; atom += Vector<float>.Count)
        {
            Vector<float> shift = Vector.Load(value + atom)
                - SumVector(advantages + atom, actions, atoms) / new Vector<float>(actions);
            for (float* at = advantages + atom, end = at + (nint)actions * atoms; at < end; at += atoms)
                (Vector.Load(at) + shift).Store(at);
        }

        for (; atom < atoms; atom++)
        {
            float shift = value[atom] - Sum(advantages + atom, actions, atoms) / actions;
            for (float* at = advantages + atom, end = at + (nint)actions * atoms; at < end; at += atoms)
                *at += shift;
        }
    }

    /// <summary>value[z] = Σₐ gradients[a, z], advantages[a, z] = gradients[a, z] − value[z] ÷ actions.</summary>
    public static void Split(float* gradients, int actions, int atoms, float* value, float* advantages)
    {
        int atom = 0;
        for (; atom <= atoms - Vector<float>.Count; atom += Vector<float>.Count)
        {
            Vector<float> sum = SumVector(gradients + atom, actions, atoms), mean = sum / new Vector<float>(actions);
            sum.Store(value + atom);
            for (nint at = atom; at < (nint)actions * atoms; at += atoms)
                (Vector.Load(gradients + at) - mean).Store(advantages + at);
        }

        for (; atom < atoms; atom++)
        {
            float sum = Sum(gradients + atom, actions, atoms), mean = sum / actions;
            value[atom] = sum;
            for (nint at = atom; at < (nint)actions * atoms; at += atoms)
                advantages[at] = gradients[at] - mean;
        }
    }

    private static Vector<float> SumVector(float* values, int actions, int atoms)
    {
        Vector<float> sum = default;
        for (float* at = values, end = at + (nint)actions * atoms; at < end; at += atoms)
            sum += Vector.Load(at);
        return sum;
    }

    private static float Sum(float* values, int actions, int atoms)
    {
        float sum = 0;
        for (float* at = values, end = at + (nint)actions * atoms; at < end; at += atoms)
            sum += *at;
        return sum;
    }
}
