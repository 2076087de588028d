using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Dqn.Media;

namespace Dqn.Tests.Media;

/// <summary>The package's README: its example compiles and runs; its advisories are the build's.</summary>
[TestFixture]
public sealed partial class ReadmeTests
{
    [Test]
    public void The_example_is_the_code_below()
    {
        IEnumerable<string> code = File.ReadLines(ThisFile())
            .SkipWhile(line => line.Trim() != "// <example>").Skip(1)
            .TakeWhile(line => line.Trim() != "// </example>")
            .Select(line => line[8..].Replace("folder[\"lap.webp\"]", "\"lap.webp\"", StringComparison.Ordinal));
        string shown = Comment().Replace(Read("src/Dqn.ImageSharp/README.md").Split("```csharp\n")[1].Split("```")[0], "");
        Assert.That(shown.Split("using Dqn.Media;")[1].Trim(), Is.EqualTo(string.Join('\n', code)));
    }

    [Test]
    public void The_example_makes_a_film()
    {
        using var folder = new TemporaryFolder();
        Example(folder, [new byte[3 * 600 * 400], new byte[3 * 600 * 400]]);
        Assert.That(Film.Read(folder["lap.webp"]).Milliseconds, Is.EqualTo(new[] { 80, 80 }));
    }

    [Test]
    public void Its_advisories_are_those_that_the_build_suppresses()
    {
        string[] suppressed = Advisories(Read("Directory.Build.props"));
        Assert.That(suppressed, Is.Not.Empty);
        Assert.That(Advisories(Read("src/Dqn.ImageSharp/README.md")), Is.EqualTo(suppressed));
    }

    private static void Example(TemporaryFolder folder, byte[][] frames)
    {
        // <example>
        using var film = new AnimatedImageSink(folder["lap.webp"], width: 600, height: 400, framesPerSecond: 12.5);
        foreach (byte[] frame in frames)
            film.Add(frame);
        film.Complete();
        // </example>
    }

    private static string[] Advisories(string text) =>
        [.. Suppression().Matches(text).Select(match => match.Groups[1].Value)];

    private static string Read(string path) =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", path)).ReplaceLineEndings("\n");

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("<NuGetAuditSuppress Include=\"https://github.com/advisories/([^\"]+)\"")]
    private static partial Regex Suppression();

    [GeneratedRegex(" +//.*")]
    private static partial Regex Comment();
}
