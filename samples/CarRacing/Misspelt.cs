using System.CommandLine;

namespace Dqn.Samples.CarRacing;

/// <summary>What is said of a command line that cannot be read: one line, with what was probably meant.</summary>
internal static class Misspelt
{
    /// <summary>Prints it; returns the exit code.</summary>
    public static int Report(ParseResult result)
    {
        string message = result.Errors[0].Message;
        IEnumerable<string> names = result.CommandResult.Command.Options.Select(option => option.Name)
            .Concat(result.CommandResult.Command.Subcommands.Select(command => command.Name));
        string? meant = result.UnmatchedTokens
            .Select(token => names.Select(name => (Name: name, Distance: Distance(token, name))).MinBy(pair => pair.Distance))
            .Where(pair => pair.Name is not null && pair.Distance <= Math.Max(2, pair.Name.Length / 3))
            .Select(pair => pair.Name).FirstOrDefault();
        Console.Error.WriteLine($"error: {message.ReplaceLineEndings(" ")}{(meant is null ? "" : $" Did you mean {meant}?")} (--help lists what there is)");
        return 1;
    }

    // Levenshtein's: letters put in, taken out or exchanged.
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
