using System.Text.Json.Nodes;
using Dqn.Randomness;

namespace Dqn.Environments;

/// <summary>
/// With some probability the action before is applied once more in place of the one that was asked for. So an agent cannot rely
/// on a sequence of actions, and keeps away from where one wrong action is the end. An action that sticks can stick again.
/// Source: M. C. Machado et al., "Revisiting the Arcade Learning Environment" (2018). Under <see cref="FrameSkip"/> frames
/// stick, as there; over it agent steps.
/// </summary>
/// <example><code>using var environment = new MyGame().WithStickyActions(); // a quarter of them</code></example>
public sealed class StickyActions : EnvironmentWrapper
{
    private readonly Pcg64 _random = new();
    private readonly bool[] _legal;
    private int? _last;

    /// <summary>Makes actions stick.</summary>
    /// <param name="inner">The environment to wrap.</param>
    /// <param name="probability">
    /// How often, 0 … 1; where the last action is illegal (<see cref="IEnvironment.LegalActions"/>), not.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is out of its range.</exception>
    public StickyActions(IEnvironment inner, double probability = 0.25)
        : base(inner)
    {
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, $"Expected a probability of 0 … 1, got {probability}.");
        Probability = probability;
        _legal = new bool[Spec.HasIllegalActions ? Spec.ActionCount : 0];
    }

    /// <summary>How often the last action is applied in place of the one asked for.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public override bool KeepsObservations => true;

    /// <inheritdoc/>
    public override void Reset(ulong? seed = null)
    {
        if (seed is { } value)
            _random.Seed(value);
        Inner.Reset(seed);
        _last = null;
    }

    /// <inheritdoc/>
    public override StepResult Step(int action)
    {
        Spec.ThrowIfNotAnAction(action);

        // A call that the wrapped environment refuses draws nothing.
        if (_last is { } last && IsLegal(action) && IsLegal(last) && _random.NextDouble() < Probability)
            action = last;
        StepResult result = Inner.Step(action);
        _last = result.Ended ? null : action;
        return result;
    }

    /// <inheritdoc/>
    public override void SaveState(BinaryWriter writer)
    {
        _random.SaveState(writer);
        writer.Write(_last ?? -1);
        Inner.SaveState(writer);
    }

    /// <inheritdoc/>
    public override void LoadState(BinaryReader reader)
    {
        _random.LoadState(reader);
        int last = reader.ReadInt32();
        if (last < -1 || last >= Spec.ActionCount)
            throw new InvalidDataException($"Sticky actions: expected a last action of -1 … {Spec.ActionCount - 1}, got {last}.");
        Inner.LoadState(reader);
        _last = last < 0 ? null : last;
    }

    /// <inheritdoc/>
    protected override void Describe(JsonObject numbers) => numbers["probability"] = Probability;

    private bool IsLegal(int action)
    {
        if (_legal.Length == 0)
            return true;
        Inner.LegalActions(_legal);
        return _legal[action];
    }
}
