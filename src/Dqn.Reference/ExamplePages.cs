using System.Text;
using Microsoft.CodeAnalysis;

namespace Dqn.Reference;

/// <summary>Gives each public type an example out of code that is compiled and run elsewhere: DocFX adds it to the type's page.</summary>
internal sealed class ExamplePages(IEnumerable<ExampleCode> code, IReadOnlySet<string> names)
{
    private const int MostLinks = 4;

    private readonly ILookup<string, TypeUse> _uses = code.SelectMany(file => TypeUse.In(file, names)).ToLookup(use => Package.Uid(use.Type));

    /// <summary>Writes one type's page into a folder.</summary>
    /// <returns>The files that it shows or links to; none where nothing uses the type.</returns>
    public IReadOnlyList<string> Write(INamedTypeSymbol type, string folder)
    {
        string uid = Package.Uid(type);
        (TypeUse Use, Excerpt Excerpt)[] examples =
            [.. _uses[uid].GroupBy(use => use.Code.Path).Select(file => file.Select(use => (Use: use, Excerpt: new Excerpt(use))).Min(ByWorth(type)))
                .Order(ByWorth(type))];
        if (examples.Length == 0)
            return [];

        var text = new StringBuilder($"---\nuid: '{uid}'\nexample: [*content]\n---\n\n");
        text.Append($"From {Link(examples[0].Use)}:\n\n````csharp\n{examples[0].Excerpt}\n````\n");
        TypeUse[] more = [.. examples.Skip(1).Take(MostLinks).Select(example => example.Use)];
        if (more.Length > 0)
            text.Append($"\nAlso in {string.Join(", ", more.Select(Link))}.\n");
        File.WriteAllText(Path.Combine(folder, uid.Replace('`', '-') + ".md"), text.ToString());
        return [.. more.Prepend(examples[0].Use).Select(use => use.Code.Path)];
    }

    private static string Link(TypeUse use) => $"[{use.Code.Path}](~/obj/pages/{Pages.PageOf(use.Code.Path)})";

    // What is shown whole beats a single line and what is cut; samples beat tests, tests beat what is beside them, and the type's
    // own tests those of others. How something is refused comes last.
    private static Comparer<(TypeUse Use, Excerpt Excerpt)> ByWorth(INamedTypeSymbol type) => Comparer<(TypeUse, Excerpt)>.Create((a, b) =>
        Worth(type, a.Item1, a.Item2).CompareTo(Worth(type, b.Item1, b.Item2)));

    private static (bool, bool, CodeKind, (bool, bool), UseKind, bool, int, (string, int)) Worth(INamedTypeSymbol type, TypeUse use, Excerpt excerpt) =>
        (use.Code.Kind == CodeKind.Package, excerpt.IsCut || excerpt.Lines == 1, use.Code.Kind, (excerpt.IsRefusal, !excerpt.IsTest), use.Kind,
            !use.Code.Path.EndsWith($"/{type.Name}Tests.cs", StringComparison.Ordinal), excerpt.Lines, (use.Code.Path, use.Node.SpanStart));
}
