using System.Diagnostics;

namespace Dqn.Replay;

/// <summary>
/// Values from which one can be drawn in proportion, in steps as many as the logarithm of their number: a binary tree
/// whose leaves are the values and whose every other node is the sum of its two children.
/// <para>
/// A node is always computed from its children, never corrected by a difference. So the tree is a function of its leaves
/// to the last bit, whatever the order in which they came to be what they are: it does not drift, and one that is
/// rebuilt from saved leaves draws the same.
/// </para>
/// </summary>
internal sealed class SumTree
{
    // Node i's children are 2i and 2i + 1, the root is 1, leaf i is node i + the number of leaves. Where that is no power
    // of two, the leaves are in another order under the root; which value is drawn for which number then differs, not how
    // often.
    private readonly double[] _nodes;
    private readonly int _leaves;

    /// <summary>Makes a tree of zeros.</summary>
    /// <param name="leaves">How many values, 1 … <see cref="MaxLeaves"/>.</param>
    public SumTree(int leaves)
    {
        Debug.Assert(leaves is >= 1 and <= MaxLeaves);
        _leaves = leaves;
        _nodes = new double[2 * leaves];
    }

    public const int MaxLeaves = 1 << 29;

    /// <summary>The sum of all values.</summary>
    public double Total => _nodes[1];

    /// <summary>A value, at least 0.</summary>
    public double this[int leaf]
    {
        get => _nodes[_leaves + leaf];
        set
        {
            Debug.Assert(value >= 0 && double.IsFinite(value));
            int node = _leaves + leaf;
            _nodes[node] = value;
            for (node >>= 1; node > 0; node >>= 1)
                _nodes[node] = _nodes[2 * node] + _nodes[2 * node + 1];
        }
    }

    /// <summary>
    /// The leaf at a point of the line on which the values lie end to end. Never one whose value is 0, however the sums
    /// were rounded, unless all are.
    /// </summary>
    /// <param name="point">0 … <see cref="Total"/>.</param>
    public int Find(double point)
    {
        int node = 1;
        while (node < _leaves)
        {
            double left = _nodes[2 * node];
            if (point < left || _nodes[2 * node + 1] == 0)
            {
                node = 2 * node;
            }
            else
            {
                point -= left;
                node = 2 * node + 1;
            }
        }

        return node - _leaves;
    }
}
