namespace Dqn.Tests.Networks;

/// <summary>A test's own layer, which says in double precision what one item becomes.</summary>
internal interface INaiveLayer
{
    double[] Follow(double[] x, int[] shape, Dictionary<string, double[]> parameters);
}
