using TorchSharp;
using static TorchSharp.torch;

namespace Dqn.Networks;

/// <summary>
/// An optimizer over all parameters as one flat tensor: a handful of operations a step, however many layers there are.
/// Formulas and memory are those of <see cref="RmsPropOptions"/>, <see cref="AdamOptions"/> and <see cref="RAdamOptions"/>.
/// </summary>
internal abstract class TorchOptimizer : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>What distinguishes its state from another's, as <see cref="QNetwork"/> names it.</summary>
    public abstract string Kind { get; }

    /// <summary>What it remembers, laid out as the parameters; zero at first.</summary>
    public abstract IReadOnlyList<Tensor> Slots { get; }

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; set; }

    public static TorchOptimizer Make(OptimizerOptions options, Tensor parameters) => options switch
    {
        RmsPropOptions rmsProp => new TorchRmsProp(rmsProp, parameters),
        AdamOptions adam => new TorchAdam(adam, parameters),
        RAdamOptions rectified => new TorchRAdam(rectified, parameters),
        _ => throw Unknown(options),
    };

    /// <summary>What <see cref="Kind"/> would be, without the memory.</summary>
    public static string KindOf(OptimizerOptions options) => options switch
    {
        RmsPropOptions rmsProp => TorchRmsProp.KindOf(rmsProp),
        AdamOptions => TorchAdam.AdamKind,
        RAdamOptions => TorchRAdam.RAdamKind,
        _ => throw Unknown(options),
    };

    /// <summary>One step. Called without gradient tracking, within a dispose scope.</summary>
    /// <param name="learningRate">What the update is multiplied with.</param>
    /// <param name="gradients">[parameters].</param>
    /// <param name="parameters">Changed.</param>
    public abstract void Step(double learningRate, Tensor gradients, Tensor parameters);

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    private protected Tensor Slot(Tensor parameters)
    {
        Tensor slot = zeros_like(parameters).DetachFromDisposeScope();
        _owned.Add(slot);
        return slot;
    }

    private static NotSupportedException Unknown(OptimizerOptions options) =>
        new($"Expected RmsPropOptions, AdamOptions or RAdamOptions, got {options.GetType().Name}.");

    // A Scalar is native memory: one per constant, not one per step.
    private protected Scalar Constant(double value)
    {
        Scalar scalar = value;
        _owned.Add(scalar);
        return scalar;
    }
}
