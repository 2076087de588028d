// Prepares what DocFX builds the API reference from: the READMEs and their samples as pages, and an example for each public
// type out of the samples, READMEs and tests. Fails and names each public type that nothing shows, and each broken link.
using Dqn.Reference;
using Microsoft.CodeAnalysis;

string pagesFolder = Repository.Absolute("src/Dqn.Reference/obj/pages"), examplesFolder = Repository.Absolute("src/Dqn.Reference/obj/examples");
foreach (string folder in new[] { pagesFolder, examplesFolder })
{
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
}

var pages = new Pages(pagesFolder);
pages.Add("README.md");
foreach (Package package in Package.All)
    pages.Add(package.Readme);

INamedTypeSymbol[] types = [.. Package.All.SelectMany(package => package.PublicTypes(ExampleCode.Empty))];
HashSet<string> ownExamples = [.. Package.All.SelectMany(package => package.OwnExamples()).Select(example => example.Uid)];
IReadOnlyList<ExampleCode> code = ExampleCode.All(types.Select(type => type.ContainingNamespace.ToDisplayString()).Distinct());
var examples = new ExamplePages(code.Where(file => file.Kind != CodeKind.Comment), types.SelectMany(Package.NamesOf).ToHashSet());
List<string> faults = [.. code.SelectMany(file => file.Faults())];
foreach (INamedTypeSymbol type in types.Where(type => !ownExamples.Contains(Package.Uid(type))))
{
    IReadOnlyList<string> files = examples.Write(type, examplesFolder);
    if (files.Count == 0)
        faults.Add($"{Package.Uid(type)}: no sample, README or test uses it; write one, or an <example> in its XML comment.");
    foreach (string file in files)
        pages.Add(file);
}

TableOfContents.Write(pages, pagesFolder);
faults.AddRange(pages.Broken);
foreach (string fault in faults)
    Console.Error.WriteLine(fault);
Console.WriteLine($"{types.Length} public types of {Package.All.Count} packages, {faults.Count} faults");
return faults.Count == 0 ? 0 : 1;
