using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Dqn.Reference;

/// <summary>A package of the reference: an assembly beside this program whose project has a README.</summary>
internal sealed record Package(string Name, string Readme)
{
    /// <summary>Those that the project file references, in order.</summary>
    public static IReadOnlyList<Package> All { get; } =
        [.. from file in Directory.EnumerateFiles(AppContext.BaseDirectory, "Dqn*.dll").Order(StringComparer.Ordinal)
            let name = Path.GetFileNameWithoutExtension(file)
            let readme = $"src/{name}/README.md"
            where File.Exists(Repository.Absolute(readme))
            select new Package(name, readme)];

    /// <summary>Whether an assembly is one of them.</summary>
    public static bool Has(IAssemblySymbol? assembly) => assembly is not null && All.Any(package => package.Name == assembly.Name);

    /// <summary>The public types, nested ones too.</summary>
    public IEnumerable<INamedTypeSymbol> PublicTypes(Compilation compilation)
    {
        IAssemblySymbol assembly = compilation.References.Select(compilation.GetAssemblyOrModuleSymbol).OfType<IAssemblySymbol>()
            .Single(symbol => symbol.Name == Name);
        return TypesOf(assembly.GlobalNamespace).OrderBy(Uid, StringComparer.Ordinal);
    }

    /// <summary>The types whose XML comment has an example of its own, by <see cref="Uid"/>, and its code.</summary>
    public IEnumerable<(string Uid, string Code)> OwnExamples() =>
        from member in XDocument.Load(Path.Combine(AppContext.BaseDirectory, Name + ".xml")).Descendants("member")
        let name = (string)member.Attribute("name")!
        where name.StartsWith("T:", StringComparison.Ordinal)
        from code in member.Elements("example").Elements("code")
        select (name[2..], code.Value);

    /// <summary>By what names code uses a type: its own and those of its extension methods.</summary>
    public static IEnumerable<string> NamesOf(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IMethodSymbol>().Where(method => method.IsExtensionMethod).Select(method => method.Name).Append(type.Name);

    /// <summary>What DocFX calls a type.</summary>
    public static string Uid(ITypeSymbol type) => type.OriginalDefinition.GetDocumentationCommentId()![2..];

    private static IEnumerable<INamedTypeSymbol> TypesOf(INamespaceOrTypeSymbol container) =>
        container.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member => member switch
        {
            INamedTypeSymbol { DeclaredAccessibility: Accessibility.Public } type => TypesOf(type).Prepend(type),
            INamespaceSymbol => TypesOf(member),
            _ => [],
        });
}
