using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Dqn.Reference;

/// <summary>
/// The lines around a use that can be read by themselves: a method, a type that derives from another, or the statements of a
/// program. Of more than <see cref="MostLines"/> only the nearest are shown.
/// </summary>
internal readonly record struct Excerpt
{
    private const int MostLines = 45, Before = 8, After = 16;
    private readonly SourceText _text;
    private readonly int _first, _last, _line;

    /// <summary>The excerpt around a use.</summary>
    public Excerpt(TypeUse use)
    {
        _text = use.Code.Meaning.SyntaxTree.GetText();
        SyntaxNode first = use.Node.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? use.Node, last = first;
        if (first is GlobalStatementSyntax { Parent: CompilationUnitSyntax { Members: var members } })
            (first, last) = (members.First(IsStatement), members.Last(IsStatement));
        IsTest = first is MethodDeclarationSyntax method && method.AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString().StartsWith("Test", StringComparison.Ordinal));
        IsRefusal = first.DescendantTokens().Any(token => token.Text is "Throws" or "Refused");
        _first = _text.Lines.IndexOf(first.SpanStart);
        _last = _text.Lines.IndexOf(last.Span.End);
        _line = _text.Lines.IndexOf(use.Node.SpanStart);
    }

    /// <summary>How many lines there are.</summary>
    public int Lines => _last - _first + 1;

    /// <summary>Whether not all of them are shown.</summary>
    public bool IsCut => Lines > MostLines;

    /// <summary>Whether it is a test, whose name says what it shows.</summary>
    public bool IsTest { get; }

    /// <summary>Whether it shows how something wrong is refused.</summary>
    public bool IsRefusal { get; }

    /// <summary>The lines, without the indent that they share.</summary>
    public override string ToString()
    {
        (int first, int last) = IsCut ? (Math.Max(_first, _line - Before), Math.Min(_last, _line + After)) : (_first, _last);
        SourceText text = _text;
        string[] lines = [.. Enumerable.Range(first, last - first + 1).Select(index => text.Lines[index].ToString())];
        int indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Trim().Length == 0 ? "" : line[indent..]));
    }

    private static bool IsStatement(MemberDeclarationSyntax member) => member is GlobalStatementSyntax;
}
