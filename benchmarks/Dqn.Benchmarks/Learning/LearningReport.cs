using System.Collections.Immutable;

namespace Dqn.Benchmarks.Learning;

/// <summary>The table.</summary>
internal sealed class LearningReport(ImmutableArray<(CellResult Result, ImmutableArray<CurvePoint> Curve)> cells)
{
    public void Write(string folder)
    {
        foreach (var cell in cells)
            Console.WriteLine(cell.Result.Format());
    }
}
