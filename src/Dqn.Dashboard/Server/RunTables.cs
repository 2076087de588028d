using System.Collections.Immutable;
using System.Text.Json;
using Dqn.Training;

namespace Dqn.Watching;

/// <summary>The run's tables for the page.</summary>
internal static class RunTables
{
    public static void Write(Utf8JsonWriter writer, ImmutableArray<RunTable> tables)
    {
        writer.WriteStartArray();
        foreach (RunTable table in tables)
        {
            writer.WriteStartObject();
            writer.WriteString("title", table.Title);
            WriteRow("columns", table.Columns);
            writer.WriteStartArray("rows");
            foreach (ImmutableArray<string> row in table.Rows)
                WriteCells(row);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();

        void WriteRow(string name, ImmutableArray<string> cells)
        {
            writer.WritePropertyName(name);
            WriteCells(cells);
        }

        void WriteCells(ImmutableArray<string> cells)
        {
            writer.WriteStartArray();
            foreach (string cell in cells)
                writer.WriteStringValue(cell);
            writer.WriteEndArray();
        }
    }
}
