using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Dqn.Reference;

/// <summary>Where code comes from, the best example first.</summary>
internal enum CodeKind
{
    /// <summary>A program of samples/, in a file.</summary>
    Sample,

    /// <summary>A block of code in a README, or the template.</summary>
    Recipe,

    /// <summary>The CarRacing program.</summary>
    Program,

    /// <summary>A test.</summary>
    Test,

    /// <summary>A package that uses another.</summary>
    Package,

    /// <summary>An example in a type's XML comment.</summary>
    Comment,
}

/// <summary>Code that uses the packages, with what the compiler makes of it.</summary>
/// <param name="Path">The file, in the repository.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Meaning">What each name in it means.</param>
internal sealed partial record ExampleCode(string Path, CodeKind Kind, SemanticModel Meaning)
{
    // An unknown name, type or namespace; a class that is shown without all the members that it must have.
    private static readonly string[] Allowed = ["CS0103", "CS0246", "CS0234", "CS0534", "CS0535"];

    private static readonly CSharpParseOptions Language =
        CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest).WithFeatures([new("FileBasedProgram", "")]);

    /// <summary>The framework and the packages: what this program itself runs on.</summary>
    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(System.IO.Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file))];

    private static readonly string[] ImplicitUsings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading", "System.Threading.Tasks"];

    /// <summary>No code at all, for the symbols of the packages.</summary>
    public static Compilation Empty { get; } = Compile("Empty", []);

    /// <summary>All of it.</summary>
    /// <param name="namespaces">Those of the packages, which blocks in READMEs and comments need not name.</param>
    public static IReadOnlyList<ExampleCode> All(IEnumerable<string> namespaces)
    {
        string recipeUsings = Usings([.. namespaces, "System.Collections.Immutable", "System.Text.Json.Nodes"]);
        string[] readmes = ["README.md", .. Package.All.Select(package => package.Readme)];
        return
        [
            .. Repository.Files("samples", "*.cs", SearchOption.TopDirectoryOnly).SelectMany(file => Together(CodeKind.Sample, "Sample", [file])),
            .. readmes.SelectMany(readme => Blocks(readme).SelectMany(block =>
                Together(CodeKind.Recipe, "Recipe", [(readme, block)], recipeUsings))),
            .. Together(CodeKind.Recipe, "Template", Repository.Files("src/Dqn.Templates/content", "*.cs")),
            .. Together(CodeKind.Program, "carracing", Repository.Files("samples/CarRacing", "*.cs")),
            .. Directory.EnumerateDirectories(Repository.Absolute("tests"), "*.Tests").Order(StringComparer.Ordinal)
                .Select(folder => System.IO.Path.GetFileName(folder))
                .SelectMany(name => Together(CodeKind.Test, name, Repository.Files($"tests/{name}", "*.cs"))),
            .. Package.All.Where(package => package.Name != "Dqn").SelectMany(package =>
                Together(CodeKind.Package, package.Name, Repository.Files($"src/{package.Name}", "*.cs"))),
            .. Package.All.SelectMany(package => package.OwnExamples()).SelectMany(example =>
                Together(CodeKind.Comment, "Comment", [($"The example of {example.Uid}", example.Code)], recipeUsings)),
        ];
    }

    /// <summary>
    /// What does not compile in a block of a README or a comment, but for what the code around it would declare. All other
    /// code is compiled elsewhere.
    /// </summary>
    public IEnumerable<string> Faults() => Kind is not (CodeKind.Recipe or CodeKind.Comment) || Path.EndsWith(".cs", StringComparison.Ordinal) ? [] :
        from diagnostic in Meaning.GetDiagnostics()
        where diagnostic.Severity == DiagnosticSeverity.Error && !Allowed.Contains(diagnostic.Id)
        select $"{Path}: {diagnostic.Id}: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}: " +
            Meaning.SyntaxTree.GetText().Lines.GetLineFromPosition(diagnostic.Location.SourceSpan.Start).ToString().Trim();

    private static IEnumerable<ExampleCode> Together(CodeKind kind, string assembly, IEnumerable<string> files) =>
        Together(kind, assembly, files.Select(file => (file, File.ReadAllText(Repository.Absolute(file)))));

    // What does not compile here, for want of a reference to NUnit say, still says what its other names mean.
    private static IEnumerable<ExampleCode> Together(
        CodeKind kind, string assembly, IEnumerable<(string Path, string Text)> files, string usings = "")
    {
        SyntaxTree[] trees = [.. files.Select(file => CSharpSyntaxTree.ParseText(file.Text, Language, file.Path))];
        Compilation compilation = Compile(assembly, [.. trees, CSharpSyntaxTree.ParseText(Usings(ImplicitUsings) + usings, Language)]);
        return trees.Select(tree => new ExampleCode(tree.FilePath, kind, compilation.GetSemanticModel(tree)));
    }

    private static CSharpCompilation Compile(string assembly, SyntaxTree[] trees) =>
        CSharpCompilation.Create(assembly, trees, References, new(OutputKind.ConsoleApplication, allowUnsafe: true));

    private static string Usings(IEnumerable<string> namespaces) => string.Concat(namespaces.Select(name => $"global using {name};\n"));

    private static IEnumerable<string> Blocks(string readme) =>
        CSharpBlock().Matches(File.ReadAllText(Repository.Absolute(readme)).ReplaceLineEndings("\n")).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
