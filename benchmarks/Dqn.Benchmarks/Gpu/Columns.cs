namespace Dqn.Benchmarks.Gpu;

/// <summary>The table's rows, and the columns of PyTorch, by name as in yardstick.py.</summary>
internal static class Columns
{
    public const string Act = "act";
    public const string Evaluate = "evaluate";
    public const string Fit = "fit";
    public const string Learn = "learn";

    public static IReadOnlyList<string> Yardsticks { get; } =
        ["PyTorch eager", "PyTorch eager, TF32", "PyTorch CUDA graph", "PyTorch CUDA graph, TF32"];

    public static IReadOnlyList<string> Operations { get; } = [Act, Evaluate, Fit, Learn];

    public static IReadOnlyList<int> ActingBatches { get; } = [1, 16];

    public static IReadOnlyList<int> LearningBatches { get; } = [32, 128, 512, 4096];
}
