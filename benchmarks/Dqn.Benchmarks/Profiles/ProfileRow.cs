namespace Dqn.Benchmarks.Profiles;

/// <summary>One pass of one layer: its work and how long it took each time.</summary>
internal sealed class ProfileRow(string name)
{
    public string Name { get; } = name;

    /// <summary>Floating point operations, a multiply-add counted as two.</summary>
    public double Flops { get; init; }

    /// <summary>As it is in a step.</summary>
    public List<double> Milliseconds { get; } = [];

    /// <summary>A backward pass without the optimizer; else empty.</summary>
    public List<double> Gradients { get; } = [];

    /// <summary>A backward pass of the weights' gradients alone; else empty.</summary>
    public List<double> WeightGradients { get; } = [];

    public bool HasWeights { get; set; }

    public bool HasInputGradients { get; set; }

    /// <summary>Whether the layer updates its weights by itself.</summary>
    public bool HasOptimizer { get; set; }

    /// <summary>Whether it is no part of the step, but shown beside it.</summary>
    public bool IsApart { get; set; }
}
