using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Dqn.Benchmarks;

/// <summary>Numbers of a command line, above 0 all of them.</summary>
internal static class Numbers
{
    /// <summary>An argument of whole numbers with commas between them.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="otherwise">What it is where it is not given.</param>
    public static Argument<int[]> List(string name, string description, params int[] otherwise) => new(name)
    {
        Description = description,
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            int[] numbers = [.. given.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)];
            if (numbers.All(number => number > 0))
                return numbers;
            result.AddError($"Expected whole numbers above 0 with commas between them as {name}, got '{given}'.");
            return null;
        },
    };

    /// <summary>The thread counts to measure with: 1 and one per processor, unless told otherwise.</summary>
    public static Argument<int[]> Threads() => List(
        "threads", "How many threads, with commas between the counts; on a machine of many 1,2,4,8 and so on.",
        [.. new[] { 1, Environment.ProcessorCount }.Distinct()]);

    /// <summary>Refuses what is not above 0.</summary>
    public static Argument<T> AboveZero<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result => Refuse(result, result.Tokens, argument.Name));
        return argument;
    }

    /// <inheritdoc cref="AboveZero{T}(Argument{T})"/>
    public static Option<T> AboveZero<T>(this Option<T> option)
    {
        option.Validators.Add(result => Refuse(result, result.Tokens, option.Name));
        return option;
    }

    // What is no number at all the parser refuses by itself.
    private static void Refuse(SymbolResult result, IReadOnlyList<Token> tokens, string name)
    {
        if (tokens is [{ Value: string given }, ..] && double.TryParse(given, CultureInfo.InvariantCulture, out double number) && !(number > 0))
            result.AddError($"Expected a number above 0 as {name}, got {given}.");
    }
}
