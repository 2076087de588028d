using System.Globalization;
using System.Text;

namespace Dqn.Files;

/// <summary>
/// Text from a file, made fit for a message: what a terminal would obey or hide (control characters, escape sequences,
/// marks that change the direction of writing, halves of characters) is escaped, and what is long is cut.
/// </summary>
internal static class FileText
{
    private const int MaxQuoted = 80;
    private const int MaxMessage = 600;
    private const int MaxListed = 12;

    /// <summary>A name in quotation marks: <c>'fc1.weight'</c>.</summary>
    public static string Quote(string text) => $"'{Show(text, MaxQuoted)}'";

    /// <summary>What something is, with its name if it has one: <c>Tensor 'fc1.weight'</c>.</summary>
    public static string Named(string what, string? name) => name is null ? what : $"{what} {Quote(name)}";

    /// <summary>A message that may have text from a file in it.</summary>
    public static string Plain(string message) => Show(message, MaxMessage);

    /// <summary>Some names in quotation marks, and how many more there are.</summary>
    public static string List(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return "none";
        string shown = string.Join(", ", names.Take(MaxListed).Select(Quote));
        return names.Count <= MaxListed ? shown : $"{shown} and {names.Count - MaxListed} more";
    }

    /// <summary>A shape, cut if it has very many axes.</summary>
    public static string Shape(ReadOnlySpan<long> shape)
    {
        string axes = string.Join(", ", shape[..Math.Min(shape.Length, MaxListed)].ToArray());
        return shape.Length <= MaxListed ? $"[{axes}]" : $"[{axes}, … {shape.Length} axes]";
    }

    private static string Show(string text, int length)
    {
        var shown = new StringBuilder();
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (shown.Length >= length)
            {
                shown.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)");
                break;
            }

            bool whole = Rune.DecodeFromUtf16(rest, out Rune rune, out int taken) == System.Buffers.OperationStatus.Done;
            if (whole && IsVisible(rune))
                shown.Append(rest[..taken]);
            else
                shown.Append(CultureInfo.InvariantCulture, $"\\u{{{(whole ? rune.Value : rest[0]):X}}}");
            rest = rest[taken..];
        }

        return shown.ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
