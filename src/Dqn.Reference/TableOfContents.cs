using System.Text;

namespace Dqn.Reference;

/// <summary>The bar at the top of each page: the packages' READMEs, the samples, the API.</summary>
internal static class TableOfContents
{
    /// <summary>Writes toc.yml and adds the pages that it names.</summary>
    public static void Write(Pages pages, string folder)
    {
        var text = new StringBuilder("- name: Packages\n  items:\n");
        foreach (Package package in Package.All)
            Entry(package.Name, package.Readme);
        text.Append("- name: Samples\n  items:\n");
        Entry("CarRacing", "samples/CarRacing/README.md");
        foreach (string sample in Repository.Files("samples", "*.cs", SearchOption.TopDirectoryOnly))
            Entry(Path.GetFileNameWithoutExtension(sample), sample);
        text.Append("- name: API\n  href: api/\n");
        File.WriteAllText(Path.Combine(folder, "toc.yml"), text.ToString());

        void Entry(string name, string path)
        {
            pages.Add(path);
            text.Append($"  - name: {name}\n    href: {Pages.PageOf(path)}\n");
        }
    }
}
