using System.Text;

namespace Dqn.Networks;

/// <summary>
/// A layer's name, its digits read as numbers: <c>net.2</c> comes before <c>net.10</c>. Names that differ in numbers
/// alone have an order; others, <c>net.2</c> and <c>q</c>, have none.
/// </summary>
internal sealed class LayerName : IComparable<LayerName>
{
    private readonly List<string> _numbers = [];

    public LayerName(string name)
    {
        var stem = new StringBuilder();
        for (int i = 0; i < name.Length;)
        {
            if (!char.IsAsciiDigit(name[i]))
            {
                stem.Append(name[i++]);
                continue;
            }

            int start = i;
            while (i < name.Length && char.IsAsciiDigit(name[i]))
                i++;
            _numbers.Add(name[start..i].TrimStart('0'));
            stem.Append('#');
        }

        Stem = stem.ToString();
    }

    /// <summary>The name with each number replaced by #.</summary>
    public string Stem { get; }

    /// <summary>Compares the numbers, the first that differs; of names with one stem.</summary>
    public int CompareTo(LayerName? other)
    {
        for (int i = 0; i < _numbers.Count && i < other!._numbers.Count; i++)
        {
            // Without leading zeros the longer number is the larger one, whatever its length.
            int order = (_numbers[i].Length, 0).CompareTo((other._numbers[i].Length, 0));
            order = order != 0 ? order : string.CompareOrdinal(_numbers[i], other._numbers[i]);
            if (order != 0)
                return order;
        }

        return 0;
    }
}
