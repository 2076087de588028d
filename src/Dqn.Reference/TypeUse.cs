using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Dqn.Reference;

/// <summary>How a place uses a type, the most telling first.</summary>
internal enum UseKind
{
    /// <summary>It makes one, derives from it or calls one of its static members.</summary>
    Does,

    /// <summary>It names the type.</summary>
    Names,
}

/// <summary>A place in code where a type of the packages is used.</summary>
internal sealed record TypeUse(ExampleCode Code, SyntaxNode Node, INamedTypeSymbol Type, UseKind Kind)
{
    /// <summary>The uses in a file: by name, by <c>new()</c>, and by an extension method.</summary>
    /// <param name="code">The file.</param>
    /// <param name="names">The names of the types and of their extension methods; other names are not looked up.</param>
    public static IEnumerable<TypeUse> In(ExampleCode code, IReadOnlySet<string> names) =>
        from node in code.Meaning.SyntaxTree.GetRoot().DescendantNodes(node => node is not UsingDirectiveSyntax)
        where node is ImplicitObjectCreationExpressionSyntax || (node is SimpleNameSyntax name && names.Contains(name.Identifier.Text))
        let symbol = code.Meaning.GetSymbolInfo(node).Symbol
        let type = symbol as INamedTypeSymbol ?? (symbol is IMethodSymbol method ? (method.ReducedFrom ?? method).ContainingType : null)
        where type is { TypeKind: not TypeKind.Error } && Package.Has(type.ContainingAssembly)
            && !SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, code.Meaning.Compilation.Assembly)
        select new TypeUse(code, node, type.OriginalDefinition, IsTelling(node) ? UseKind.Does : UseKind.Names);

    private static bool IsTelling(SyntaxNode name)
    {
        while (name.Parent is QualifiedNameSyntax)
            name = name.Parent;
        return name is ImplicitObjectCreationExpressionSyntax || name.Parent is ObjectCreationExpressionSyntax or BaseTypeSyntax
            or MemberAccessExpressionSyntax;
    }
}
