using System.Collections.Immutable;

namespace Dqn.Training;

/// <summary>
/// Something about a run that a person wants to see beside its figures, as it is now: the machines it runs on, say. A dashboard
/// shows it.
/// </summary>
/// <param name="Title">What it is about.</param>
/// <param name="Columns">[columns], their names.</param>
/// <param name="Rows">[rows, columns], as text.</param>
/// <example><code>
/// run.AddTable(() => new RunTable("Machines", ["name", "steps/s"], [["first", "1,200"], ["second", "900"]]));
/// </code></example>
public sealed record RunTable(
    string Title, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>Equal in every cell.</summary>
    public bool Equals(RunTable? other) =>
        other is not null && Title == other.Title && Columns.SequenceEqual(other.Columns) && Rows.Length == other.Rows.Length
        && Rows.Zip(other.Rows).All(pair => pair.First.SequenceEqual(pair.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Title, Columns.Length, Rows.Length);
}
