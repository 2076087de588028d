using Dqn.Benchmarks.Engines;

namespace Dqn.Benchmarks.Gpu;

/// <summary>The table's columns and rows by name; yardstick.py uses the same.</summary>
internal static class Columns
{
    /// <summary>Behind an engine's name: matrices and convolutions with 10 bits of mantissa.</summary>
    public const string Tf32 = ", TF32";

    public const string Eager = "PyTorch eager";
    public const string Graph = "PyTorch CUDA graph";

    public const string Act = "act";
    public const string Evaluate = "evaluate";
    public const string Fit = "fit";
    public const string Learn = "learn";

    public static IReadOnlyList<string> Own { get; } =
        [Engine.BuiltIn, Engine.LibTorchCpu, Engine.LibTorchCuda, Engine.LibTorchCuda + Tf32];

    public static IReadOnlyList<string> Yardsticks { get; } = [Eager, Eager + Tf32, Graph, Graph + Tf32];

    public static IReadOnlyList<string> Operations { get; } = [Act, Evaluate, Fit, Learn];

    public static IReadOnlyList<int> ActingBatches { get; } = [1, 16];

    public static IReadOnlyList<int> LearningBatches { get; } = [32, 128, 512, 4096];
}
