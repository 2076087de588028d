using Dqn.Serialization;

namespace Dqn.Networks;

/// <summary>Soft target updates between any two engines: <see cref="IValueLearner.MoveParametersTowards"/>.</summary>
internal static class SoftUpdate
{
    /// <summary>θ ← θ + fraction · (source − θ), rounded as <see cref="QNetwork"/>'s own with multiply-add.</summary>
    public static void Apply(IQNetwork source, float fraction, IQNetwork destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        NetworkArguments.RequireFraction(fraction);
        if (fraction == 1)
        {
            destination.CopyParametersFrom(source);
            return;
        }

        StateDict from = source.GetStateDict(), moved = new();
        foreach ((string name, Tensor tensor) in destination.GetStateDict())
        {
            if (!from.TryGet(name, out Tensor? other) || !other.Shape.AsSpan().SequenceEqual(tensor.Shape.AsSpan()))
            {
                throw new ArgumentException(
                    $"Expected a network of the same architecture, with a tensor '{name}' {Tensor.Format(tensor.Shape)}.",
                    nameof(source));
            }

            float[] values = tensor.ToSingles(), goals = other.ToSingles();
            for (int i = 0; i < values.Length; i++)
                values[i] = MathF.FusedMultiplyAdd(fraction, goals[i] - values[i], values[i]);
            moved.Add(name, Tensor.FromSingles(values, tensor.Shape.AsSpan()));
        }

        if (from.Count != moved.Count)
        {
            throw new ArgumentException(
                $"Expected a network of the same architecture, with {moved.Count} tensors, got {from.Count}.",
                nameof(source));
        }

        destination.LoadStateDict(moved);
    }
}
