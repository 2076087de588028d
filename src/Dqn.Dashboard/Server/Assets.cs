using System.Reflection;

namespace Dqn.Watching;

/// <summary>The page's own files, which are in the assembly.</summary>
internal static class Assets
{
    private static readonly Dictionary<string, (string Type, byte[] Bytes)> s_files = new(StringComparer.Ordinal)
    {
        ["/"] = ("text/html; charset=utf-8", Read("dashboard.html")),
        ["/dashboard.css"] = ("text/css; charset=utf-8", Read("dashboard.css")),
        ["/dashboard.js"] = ("text/javascript; charset=utf-8", Read("dashboard.js")),
        ["/icon.svg"] = ("image/svg+xml", Read("icon.svg")),
    };

    /// <summary>The file at a path; null where there is none.</summary>
    public static (string Type, byte[] Bytes)? At(string path) => s_files.TryGetValue(path, out var file) ? file : null;

    private static byte[] Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
